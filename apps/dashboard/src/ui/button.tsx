import type { ButtonHTMLAttributes, ReactNode } from 'react';

const looks = {
  solid: 'bg-blue text-on-blue hover:opacity-90',
  outline: 'border border-edge hover:bg-wash',
  danger: 'border border-bad/60 text-bad hover:bg-bad/10',
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof looks;
  icon?: ReactNode;
  busy?: boolean;
}

export function Button({
  look = 'outline',
  icon,
  busy = false,
  disabled,
  className = '',
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy}
      className={`inline-flex min-h-11 items-center justify-center gap-2 rounded-lg px-4 text-sm font-medium disabled:opacity-60 [&_svg]:size-4 ${looks[look]} ${className}`}
    >
      {icon}
      {busy ? 'One moment…' : children}
    </button>
  );
}
