/** Requests, and inserts, under way at once. */
export const IN_FLIGHT = 32;
const RAMP_MS = 500;

/** How often per second `once` ends, with so many under way. */
export async function closedLoop(windowMs, once, inFlight = IN_FLIGHT) {
  let stopped = false;
  let ended = 0;
  const lane = async (number) => {
    for (let turn = number; !stopped; turn += inFlight) {
      await once(turn);
      ended += 1;
    }
  };
  const lanes = Promise.all(Array.from({ length: inFlight }, (_, number) => lane(number)));
  const time = (ms) => Promise.race([lanes, new Promise((resolve) => setTimeout(resolve, ms))]);
  await time(RAMP_MS);
  const before = { at: performance.now(), ended };
  await time(windowMs);
  const perSecond = (ended - before.ended) / ((performance.now() - before.at) / 1000);
  stopped = true;
  await lanes;
  return perSecond;
}
