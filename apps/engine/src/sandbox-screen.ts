import type { Logger } from '#domain';

const TIMEOUT_MS = 2_000;

/**
 * The screen in front of the virtual phones of the sandbox: what a profile's QR code shows is shown there too, so that a
 * person links the profile by picking it. A convenience only: when the simulator does not take a code, it can still be
 * scanned or pasted.
 */
export class SandboxScreen {
  constructor(
    private readonly controlUrl: string,
    private readonly log: Logger,
  ) {}

  /** Returns at once. */
  show(qr: string, profileName: string): void {
    fetch(`${this.controlUrl}/waiting`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ qr, label: profileName }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).then(
      (answer) => {
        if (!answer.ok) this.log.debug({ status: answer.status }, 'The sandbox did not take a QR code.');
      },
      (error) => this.log.debug({ err: error }, 'The sandbox could not be shown a QR code.'),
    );
  }
}
