import { Switch as SwitchPrimitive } from 'radix-ui';
import { type InputHTMLAttributes, type ReactNode, useId } from 'react';

const BOX =
  'w-full rounded-xl border bg-paper px-3 py-2 text-base outline-none transition focus:border-plum focus:ring-2 focus:ring-plum/25 sm:text-sm';

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: ReactNode;
}

export function Field({ label, hint, className = '', ...rest }: FieldProps) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      <input id={id} {...rest} aria-describedby={hint ? `${id}-hint` : undefined} className={BOX} />
      {hint && (
        <p id={`${id}-hint`} className="mt-1 text-xs text-soft">
          {hint}
        </p>
      )}
    </div>
  );
}

interface SwitchProps {
  label: string;
  hint?: ReactNode;
  checked: boolean;
  disabled?: boolean;
  onChange(checked: boolean): void;
}

export function Switch({ label, hint, checked, disabled, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-3">
      <SwitchPrimitive.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={onChange}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-0.5 h-6 w-10 shrink-0 rounded-full bg-soft/40 p-0.5 transition data-[state=checked]:bg-plum"
      >
        <SwitchPrimitive.Thumb className="block size-5 rounded-full bg-white shadow transition data-[state=checked]:translate-x-4" />
      </SwitchPrimitive.Root>
      <div className="min-w-0">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-xs leading-relaxed text-soft">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}

export const boxClass = BOX;
