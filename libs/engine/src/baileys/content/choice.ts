import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import { present } from './values.js';

type Choice = Extract<MessageContent, { kind: 'choice' }>;

/** What somebody tapped: in buttons, a list, a template, or a native flow, which answers in JSON. */
export function choiceFrom(message: proto.IMessage): Choice | null {
  const { buttonsResponseMessage, listResponseMessage, templateButtonReplyMessage, interactiveResponseMessage } =
    message;
  if (buttonsResponseMessage) {
    return choice(buttonsResponseMessage.selectedButtonId, buttonsResponseMessage.selectedDisplayText);
  }
  if (templateButtonReplyMessage) {
    return choice(templateButtonReplyMessage.selectedId, templateButtonReplyMessage.selectedDisplayText);
  }
  if (listResponseMessage) {
    const { singleSelectReply, title, description } = listResponseMessage;
    return choice(singleSelectReply?.selectedRowId, title, description);
  }
  const answer = interactiveResponseMessage?.nativeFlowResponseMessage;
  if (!answer) return null;
  const { id, title, description } = parametersOf(answer.paramsJson);
  return choice(id ?? answer.name, title ?? interactiveResponseMessage?.body?.text, description);
}

function choice(id?: string | null, title?: string | null, description?: string | null): Choice {
  return { kind: 'choice', id: id ?? '', title: title ?? '', ...present({ description }) };
}

/** Written by whoever answers: anything but text in it is left out. */
function parametersOf(json: string | null | undefined): { id?: string; title?: string; description?: string } {
  try {
    const parsed = JSON.parse(json ?? '') as Record<string, unknown> | null;
    const text = (name: string) => (typeof parsed?.[name] === 'string' ? { [name]: parsed[name] } : {});
    return { ...text('id'), ...text('title'), ...text('description') };
  } catch {
    return {};
  }
}
