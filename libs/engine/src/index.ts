export * from './abilities/abilities.js';
export * from './abilities/ability.js';
export * from './abilities/business.js';
export * from './abilities/calls.js';
export * from './abilities/chats.js';
export * from './abilities/communities.js';
export * from './abilities/groups.js';
export * from './abilities/history.js';
export * from './abilities/labels.js';
export * from './abilities/newsletters.js';
export * from './abilities/own-profile.js';
export * from './abilities/people.js';
export * from './abilities/presence.js';
export * from './abilities/privacy.js';
export * from './account-fact.js';
export * from './address.js';
export * from './capabilities.js';
export * from './chat-address.js';
export * from './content.js';
export * from './content-capabilities.js';
export * from './dialled-number.js';
export * from './engine.js';
export * from './facts/call-facts.js';
export * from './facts/chat-facts.js';
export * from './facts/fact.js';
export * from './facts/group-facts.js';
export * from './facts/newsletter-facts.js';
export * from './facts/people-facts.js';
export * from './group-roster.js';
export * from './health.js';
export { interactiveText } from './interactive-text.js';
export * from './listening.js';
export { ProxyFailure } from './proxy/proxy-failure.js';
export * from './proxy/proxy-route.js';
export { tryProxy } from './proxy/try-proxy.js';
export * from './sendable.js';
export { readBaileysFolder } from './session-transfer/baileys-folder.js';
export {
  isTakenAlong,
  type SessionContent,
  type SessionKey,
  type SessionOwner,
  sessionOwner,
} from './session-transfer/session-content.js';
export * from './store.js';
export * from './transfer-slots.js';
