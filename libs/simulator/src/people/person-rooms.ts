import type { MediaHost } from '../media/host.js';
import type { Directory } from '../network/directory.js';
import { GroupNotes } from './groups/group-notes.js';
import { PersonGroups } from './groups/person-groups.js';
import { MessageNaming } from './messages/message-key.js';
import { PersonCards } from './messages/person-cards.js';
import { PersonMessages, type Writer } from './messages/person-messages.js';
import { PersonNewsletters } from './newsletters/person-newsletters.js';
import type { Phone } from './phone.js';
import { PersonStatus } from './status/person-status.js';

/** What a person does with groups, newsletters, the status, and with messages once they are there. */
export class PersonRooms {
  readonly naming: MessageNaming;
  readonly groups: PersonGroups;
  readonly newsletters: PersonNewsletters;
  readonly status: PersonStatus;
  readonly messages: PersonMessages;
  readonly cards: PersonCards;

  constructor(phone: Phone, directory: Directory, media: MediaHost, writer: Writer) {
    const { network } = phone.rooms;
    const putPicture = (image: Buffer): string => media.putPicture(image);
    this.naming = new MessageNaming(phone.account, directory, network);
    this.groups = new PersonGroups(phone.account, network.groups, putPicture);
    this.newsletters = new PersonNewsletters(phone, network.newsletters, putPicture);
    this.status = new PersonStatus(phone, network.audiences, this.naming, media);
    this.messages = new PersonMessages(writer, this.naming);
    this.cards = new PersonCards(writer, this.naming, media);
    phone.notes = new GroupNotes(phone.account.number, phone.chats, directory);
  }
}
