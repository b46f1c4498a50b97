import type { Simulation } from '../simulation.js';
import { accountTopic } from './account-operations.js';
import { behaviourTopic } from './behaviour-operations.js';
import { callTopic } from './call-operations.js';
import { cardTopic } from './card-operations.js';
import { chatMessageTopic } from './chat-message-operations.js';
import { chatTopic } from './chat-operations.js';
import { communityTopic } from './community-operations.js';
import { expectTopic } from './expect-operations.js';
import { faultTopic } from './fault-operations.js';
import { groupTopic } from './group-operations.js';
import { linkTopic } from './link-operations.js';
import { messageTopic } from './message-operations.js';
import { networkTopic } from './network-operations.js';
import { newsletterTopic } from './newsletter-operations.js';
import type { ControlTopic } from './operation.js';
import { peopleTopic } from './people-operations.js';
import { ControlScope } from './scope.js';
import { settingsTopic } from './settings-operations.js';
import { statusTopic } from './status-operations.js';

/** Everything that can be done over HTTP. A further ability adds its file and its line here, and nothing else. */
export function controlTopics(simulation: Simulation): ControlTopic[] {
  const scope = new ControlScope(simulation);
  return [
    networkTopic(scope),
    peopleTopic(scope),
    linkTopic(scope),
    messageTopic(scope),
    chatTopic(scope),
    chatMessageTopic(scope),
    cardTopic(scope),
    groupTopic(scope),
    communityTopic(scope),
    newsletterTopic(scope),
    statusTopic(scope),
    settingsTopic(scope),
    accountTopic(scope),
    callTopic(scope),
    expectTopic(scope),
    faultTopic(scope),
    behaviourTopic(scope),
  ];
}
