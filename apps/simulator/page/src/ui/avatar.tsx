/** The first letters of a name on a colour of its own. */
export function Avatar({
  name,
  id,
  size = 40,
  round = false,
}: {
  name: string;
  id: string;
  size?: number;
  round?: boolean;
}) {
  const words = name
    .replace(/[^\p{L}\p{N} ]/gu, '')
    .split(' ')
    .filter(Boolean);
  const letters = /^\d/.test(name)
    ? name.slice(-2)
    : words
        .slice(0, 2)
        .map((word) => word[0])
        .join('');
  // The golden angle puts neighbouring numbers far apart on the circle.
  const seed = [...id].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 100_003, 7);
  const hue = Math.round(seed * 137.508) % 360;
  return (
    <span
      aria-hidden
      className="grid shrink-0 place-items-center font-semibold uppercase text-[#2b2230] select-none"
      style={{
        width: size,
        height: size,
        fontSize: size * 0.36,
        borderRadius: round ? '50%' : size * 0.32,
        background: `linear-gradient(145deg, oklch(0.88 0.07 ${hue}), oklch(0.79 0.09 ${(hue + 30) % 360}))`,
      }}
    >
      {letters || '?'}
    </span>
  );
}
