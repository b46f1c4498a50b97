/** What a phone in the simulated network decrypted. */
export interface PhoneMessage {
  index: number;
  /** WhatsApp's id. */
  id: string;
  from: string;
  text?: string;
}

/** The control interface of the simulated network: what people do with their phones. */
export class VirtualPhones {
  constructor(private readonly controlUrl: string) {}

  /** Makes the person when there is none with this number. Index of the newest message in the inbox. */
  async person(number: string, name: string): Promise<{ lastIndex: number }> {
    return this.call('PUT', `/people/${number}`, { name });
  }

  /** Resolves when the network has linked the client that showed the code. */
  async scan(number: string, qr: string): Promise<{ device: number }> {
    return this.call('POST', `/people/${number}/scan`, { qr });
  }

  /** Every message that this person receives is read after a while. */
  async readByThemselves(number: string, afterMs: number): Promise<void> {
    await this.call('PUT', `/people/${number}/habits`, { read: { afterMs } });
  }

  /** What the person does by itself from now on (libs/simulator, behaviour.ts). */
  async behave(number: string, behaviours: object[]): Promise<void> {
    await this.call('PUT', `/people/${number}/behaviours`, { behaviours });
  }

  /** Resolves when the phone has decrypted exactly this text, and not one that was there before. */
  async expectText(number: string, text: string, after: number, timeoutMs = 30_000): Promise<PhoneMessage> {
    return this.call('POST', `/people/${number}/expect-message`, { match: { text }, after, timeoutMs });
  }

  async inbox(number: string, after: number): Promise<PhoneMessage[]> {
    return (await this.call<{ records: PhoneMessage[] }>('GET', `/people/${number}/inbox?after=${after}`)).records;
  }

  async send(from: string, to: string, text: string): Promise<void> {
    await this.call('POST', `/people/${from}/messages`, { to, text });
  }

  async read(number: string, message: PhoneMessage): Promise<void> {
    await this.call('POST', `/people/${number}/read`, { indexes: [message.index] });
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(this.controlUrl + path, {
      method,
      headers: body ? { 'content-type': 'application/json' } : {},
      body: body && JSON.stringify(body),
    });
    const content = (await answer.json()) as T & { error?: string };
    if (!answer.ok) throw new Error(`The simulator refused ${method} ${path}: ${content.error}`);
    return content;
  }
}
