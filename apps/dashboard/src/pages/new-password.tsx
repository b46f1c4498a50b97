import { Field } from '../ui/field.tsx';

interface NewPasswordProps {
  value: string;
  onValue(value: string): void;
  problem?: string;
}

/** The api decides what is good enough; the hint says what it looks at. */
export function NewPassword(props: NewPasswordProps) {
  return (
    <Field
      label="New password"
      type="password"
      autoComplete="new-password"
      required
      hint="At least 12 characters of any kind. A few words that do not belong together are good."
      {...props}
    />
  );
}
