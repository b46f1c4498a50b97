/**
 * Loaded into engine processes of a campaign (`node --import`): the clock of the process jumps when its parent says so,
 * as that of a machine does that was set by hand or by NTP. Monotonic time goes on.
 */
const RealDate = Date;
let offsetMs = 0;

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + offsetMs);
    else super(...args);
  }

  static now() {
    return RealDate.now() + offsetMs;
  }
};

process.on('message', (message) => {
  if (typeof message?.clockOffsetMs === 'number') offsetMs = message.clockOffsetMs;
});
