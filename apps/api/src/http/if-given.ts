import { ValidateIf } from 'class-validator';

/** The field may be absent; when it is there it is checked, and null is not absence (unlike `@IsOptional()`). */
export const IfGiven = () => ValidateIf((_, value) => value !== undefined);
