import type { ButtonHTMLAttributes, ReactNode } from 'react';

type Look = 'solid' | 'quiet' | 'outline' | 'danger';

const LOOKS: Record<Look, string> = {
  solid: 'bg-plum text-plum-ink hover:brightness-110 disabled:opacity-50',
  outline: 'border bg-card text-ink hover:border-plum hover:text-plum disabled:opacity-50',
  quiet: 'text-soft hover:bg-wash hover:text-ink disabled:opacity-40',
  danger: 'border border-bad/50 text-bad hover:bg-bad/10 disabled:opacity-50',
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  icon?: ReactNode;
  busy?: boolean;
}

export function Button({ look = 'outline', icon, busy, children, className = '', disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy}
      className={`inline-flex min-h-10 items-center justify-center gap-2 rounded-xl px-4 text-sm font-medium transition ${LOOKS[look]} ${className}`}
    >
      {icon}
      {busy ? 'One moment…' : children}
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** What it does, for those who do not see the icon. */
  label: string;
  look?: Look;
}

export function IconButton({ label, look = 'quiet', children, className = '', ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={`grid size-10 shrink-0 place-items-center rounded-xl transition [&_svg]:size-5 ${LOOKS[look]} ${className}`}
    >
      {children}
    </button>
  );
}
