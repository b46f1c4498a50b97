/**
 * What a method of an ability does to the world: `reads` may be asked again at will; `changes` may have happened even
 * when no answer came.
 */
export type MethodEffect = 'reads' | 'changes';

/** The methods of an ability, complete by the compiler. Written down because a process asks another's by name. */
export type MethodsOf<Ability> = { readonly [Name in keyof Ability]-?: MethodEffect };

/** The result of one member of a request about many: WhatsApp decides about each by itself. */
export interface MemberResult<T> {
  member: T;
  /** `ok`, or a stable code of why not. */
  outcome: 'ok' | MemberRefusal;
}

/**
 * Why one member was refused: no right to do it; unknown number or not a member; it is so already; was removed or left
 * recently and may not be added back yet; only takes an invitation (privacy); the group is full; anything else.
 */
export type MemberRefusal =
  | 'not_allowed'
  | 'not_found'
  | 'already_so'
  | 'left_recently'
  | 'needs_invitation'
  | 'full'
  | 'failed';
