/**
 * Phones record voice as Opus in Ogg; Chromium as the same Opus in WebM. The packets are taken out of the one container
 * and put into the other (RFC 8794 for the elements of WebM, RFC 7845 and RFC 3533 for Ogg). Nothing is coded anew.
 */
export function oggFromWebm(webm: Uint8Array): Uint8Array<ArrayBuffer> {
  const { head, packets } = readWebm(webm);
  if (!head || packets.length === 0) throw new Error('There is no sound in the recording.');
  const writer = new OggWriter();
  writer.page([head], 0n, FIRST);
  writer.page([opusTags()], 0n, 0);
  let granule = BigInt(new DataView(head.buffer, head.byteOffset).getUint16(10, true));
  for (let start = 0; start < packets.length; start += PACKETS_PER_PAGE) {
    const some = packets.slice(start, start + PACKETS_PER_PAGE);
    for (const packet of some) granule += BigInt(samplesIn(packet));
    writer.page(some, granule, start + PACKETS_PER_PAGE >= packets.length ? LAST : 0);
  }
  return writer.file();
}

const FIRST = 2;
const LAST = 4;
/** A second of sound, when a packet holds 20 ms. */
const PACKETS_PER_PAGE = 50;

/** Elements of WebM that hold other elements on the way to what is wanted. */
const CONTAINERS = new Set([0x18538067, 0x1f43b675, 0x1654ae6b, 0xae, 0xa0]);
const CODEC_PRIVATE = 0x63a2;
const SIMPLE_BLOCK = 0xa3;
const BLOCK = 0xa1;
/** Track number, time and flags before the packet. */
const BLOCK_HEADER_BYTES = 4;

function readWebm(bytes: Uint8Array): { head?: Uint8Array; packets: Uint8Array[] } {
  const packets: Uint8Array[] = [];
  let head: Uint8Array | undefined;
  let at = 0;
  while (at < bytes.length) {
    const id = readNumber(bytes, at, true);
    const size = readNumber(bytes, at + id.length, false);
    at += id.length + size.length;
    if (CONTAINERS.has(id.value)) continue;
    // Only containers may leave their size open.
    const content = bytes.subarray(at, at + size.value);
    if (id.value === CODEC_PRIVATE) head = content;
    if (id.value === SIMPLE_BLOCK || id.value === BLOCK) packets.push(content.subarray(BLOCK_HEADER_BYTES));
    at += size.value;
  }
  return { head, packets };
}

/** A number whose first byte says how long it is; the marker stays in an id and is taken off a size. */
function readNumber(bytes: Uint8Array, at: number, keepMarker: boolean): { value: number; length: number } {
  const first = bytes[at] ?? 0;
  const length = first === 0 ? 8 : Math.clz32(first) - 23;
  let value = keepMarker ? first : first & (0xff >> length);
  for (let index = 1; index < length; index += 1) value = value * 256 + (bytes[at + index] ?? 0);
  return { value, length };
}

/** How long a packet sounds, in samples of 48 kHz, by its first byte (RFC 6716, 3.1). */
function samplesIn(packet: Uint8Array): number {
  const toc = packet[0] ?? 0;
  const config = toc >> 3;
  const sizes = config < 12 ? [480, 960, 1_920, 2_880] : config < 16 ? [480, 960] : [120, 240, 480, 960];
  const code = toc & 3;
  const frames = code === 0 ? 1 : code === 3 ? (packet[1] ?? 0) & 0x3f : 2;
  return (sizes[config % sizes.length] ?? 960) * frames;
}

function opusTags(): Uint8Array {
  const vendor = new TextEncoder().encode('phone');
  const tags = new Uint8Array(8 + 4 + vendor.length + 4);
  tags.set(new TextEncoder().encode('OpusTags'));
  new DataView(tags.buffer).setUint32(8, vendor.length, true);
  tags.set(vendor, 12);
  return tags;
}

class OggWriter {
  private readonly pages: Uint8Array[] = [];

  page(packets: Uint8Array[], granule: bigint, flags: number): void {
    const lacing = packets.flatMap(({ length }) => [
      ...Array<number>(Math.floor(length / 255)).fill(255),
      length % 255,
    ]);
    const size = packets.reduce((sum, { length }) => sum + length, 0);
    const page = new Uint8Array(27 + lacing.length + size);
    const view = new DataView(page.buffer);
    page.set(new TextEncoder().encode('OggS'));
    page[5] = flags;
    view.setBigUint64(6, granule, true);
    view.setUint32(14, 1, true);
    view.setUint32(18, this.pages.length, true);
    page[26] = lacing.length;
    page.set(lacing, 27);
    let at = 27 + lacing.length;
    for (const packet of packets) {
      page.set(packet, at);
      at += packet.length;
    }
    view.setUint32(22, checksum(page), true);
    this.pages.push(page);
  }

  file(): Uint8Array<ArrayBuffer> {
    const file = new Uint8Array(this.pages.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const page of this.pages) {
      file.set(page, at);
      at += page.length;
    }
    return file;
  }
}

/** CRC-32 as Ogg has it: not reflected, begun with zero. */
function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
