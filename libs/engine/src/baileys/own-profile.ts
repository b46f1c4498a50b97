import { type BinaryNode, getBinaryNodeChild } from '@whiskeysockets/baileys';
import sharp from 'sharp';
import { type OwnProfile, type OwnProfileAbility, ownProfileLimits } from '../abilities/own-profile.js';
import type { Address } from '../address.js';
import { EngineError } from '../engine.js';
import type { AppStateSync } from './app-state/app-state-sync.js';
import { settingChanges } from './app-state/setting-changes.js';
import { ask, notSupported, refusedWith } from './ask.js';
import type { LiveSocket } from './live-socket.js';
import type { PeopleDirectory } from './people/people-directory.js';
import { notConnected } from './sender.js';

const pictureSide = 640;
/** An image of more pixels than this is refused before it is unpacked. */
const maxPixels = 50_000_000;

/** See `OwnProfileAbility`. */
export class BaileysOwnProfile implements OwnProfileAbility {
  constructor(
    private readonly live: LiveSocket,
    private readonly directory: PeopleDirectory,
    private readonly settings: AppStateSync,
  ) {}

  async read(): Promise<OwnProfile> {
    const { address, pushName } = this.self();
    const [answer] = await this.directory.about(['status', 'picture', 'business'], [address]);
    const { about, pictureId = null, isBusiness = false, verifiedName = null } = answer ?? {};
    return {
      ...{ address, pushName, pictureId, isBusiness, verifiedName },
      about: about ?? { text: null, setAt: null, hidden: false },
    };
  }

  async setName(name: string): Promise<void> {
    const trimmed = name.trim();
    if (trimmed === '' || [...trimmed].length > ownProfileLimits.nameCharacters) {
      throw refusedWith(`a name has 1 to ${ownProfileLimits.nameCharacters} characters`, 400);
    }
    await this.settings.push(settingChanges.pushName(trimmed));
  }

  async setAbout(about: string): Promise<void> {
    if ([...about].length > ownProfileLimits.aboutCharacters) {
      throw refusedWith(`an about text has at most ${ownProfileLimits.aboutCharacters} characters`, 400);
    }
    await ask('changing the about text', () => this.live.socket().updateProfileStatus(about));
  }

  async setPicture(image: Uint8Array): Promise<{ pictureId: string | null }> {
    const content = await squareJpeg(image);
    const answer = await ask('changing the picture', () =>
      this.live.socket().query(pictureIq([{ tag: 'picture', attrs: { type: 'image' }, content }])),
    );
    const pictureId = getBinaryNodeChild(answer, 'picture')?.attrs.id ?? null;
    this.tell(pictureId, false);
    return { pictureId };
  }

  async removePicture(): Promise<void> {
    await ask('removing the picture', () => this.live.socket().query(pictureIq()));
    this.tell(null, true);
  }

  async devices(): ReturnType<OwnProfileAbility['devices']> {
    const own = Number(/:(\d+)@/.exec(this.live.auth.me.id)?.[1] ?? 0);
    const [answer] = await this.directory.about(['devices'], [this.self().address]);
    return (answer?.devices ?? []).map((each) => ({ ...each, isThis: each.device === own }));
  }

  async unlinkDevice(): Promise<void> {
    throw notSupported('Only the phone can remove another linked device; this profile can log itself out.');
  }

  private self(): { address: Address; pushName: string | null } {
    const { self } = this.live.auth;
    if (!self) throw notConnected();
    return self;
  }

  private tell(pictureId: string | null, removed: boolean): void {
    const { address } = this.self();
    this.live.facts.add({
      type: 'picture_changed',
      at: new Date(),
      source: 'lookup',
      of: { person: address },
      pictureId,
      removed,
      by: address,
    });
  }
}

/** As WhatsApp's own clients send it. @throws EngineError `refused_as_invalid` */
export async function squareJpeg(image: Uint8Array): Promise<Buffer> {
  try {
    return await sharp(image, { limitInputPixels: maxPixels })
      .rotate()
      .resize(pictureSide, pictureSide, { fit: 'cover' })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: 85 })
      .toBuffer();
  } catch (cause) {
    throw new EngineError('refused_as_invalid', 'The picture is no image that can be read.', {
      retryable: false,
      outcome: 'not_sent',
      cause,
    });
  }
}

/** Without a target it is our own. */
function pictureIq(content?: BinaryNode[]): BinaryNode {
  const attrs = { to: 's.whatsapp.net', type: 'set', xmlns: 'w:profile:picture' };
  return { tag: 'iq', attrs, ...(content ? { content } : {}) };
}
