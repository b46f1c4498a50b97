/** The longest field that is read into memory: a chat of many thousands of messages. */
const longestFieldBytes = 64 * 1024 * 1024;

const varint = 0;
const fixed64 = 1;
const delimited = 2;
const fixed32 = 5;

/**
 * The fields of one protobuf message that is too large to be decoded at once: each as soon as its bytes are there.
 * Numbers come as numbers, everything else as bytes; fixed ones are passed over, the messages read here have none.
 */
export async function* protoFields(
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ field: number; value: number | Buffer }> {
  const reader = new Reader(stream);
  while (await reader.has(1)) {
    const tag = await reader.varint();
    const field = Math.floor(tag / 8);
    switch (tag % 8) {
      case varint:
        yield { field, value: await reader.varint() };
        break;
      case delimited:
        yield { field, value: await reader.take(await reader.varint()) };
        break;
      case fixed64:
        await reader.take(8);
        break;
      case fixed32:
        await reader.take(4);
        break;
      default:
        throw new Error(`a protobuf has no wire type ${tag % 8}`);
    }
  }
}

class Reader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private held: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  /** False when the stream ends before. */
  async has(count: number): Promise<boolean> {
    const parts: Uint8Array[] = [this.held];
    let length = this.held.length;
    while (length < count) {
      const { value, done } = await this.chunks.next();
      if (done) break;
      parts.push(value);
      length += value.length;
    }
    if (parts.length > 1) this.held = Buffer.concat(parts);
    return length >= count;
  }

  async take(count: number): Promise<Buffer> {
    if (count > longestFieldBytes) throw new Error(`a field of ${count} bytes is too long`);
    if (!(await this.has(count))) throw new Error('the protobuf ends in the middle of a field');
    const taken = this.held.subarray(0, count);
    this.held = this.held.subarray(count);
    return taken;
  }

  async varint(): Promise<number> {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = (await this.take(1))[0]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
      if (shift > 2 ** 63) throw new Error('a number of the protobuf does not end');
    }
  }
}
