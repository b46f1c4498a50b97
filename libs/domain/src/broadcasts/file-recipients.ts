import type { AudienceFile, ExclusionReason } from '#contracts';
import type { GivenAddresses } from '#database';
import { cleaned, yes } from '../contact-imports/import-row.js';
import { type PhoneProblem, readPhone } from '../contact-imports/read-phone.js';
import type { TableRow } from '../tabular/table.js';

/** Of what is no number so much is shown. */
const MOST_SHOWN = 100;

const reasonOf: Record<PhoneProblem['code'], ExclusionReason> = {
  phone_missing: 'phone_missing',
  phone_invalid: 'invalid_address',
  phone_rounded: 'phone_rounded',
  phone_without_country: 'phone_without_country',
};

/** Recipients as the lines of a file name them, collected line by line. */
export class FileRecipients implements GivenAddresses {
  readonly addresses: string[] = [];
  readonly problems: (ExclusionReason | null)[] = [];
  readonly variables: (string | null)[] = [];
  readonly lines: number[] = [];

  constructor(private readonly file: AudienceFile) {}

  get count(): number {
    return this.lines.length;
  }

  /** Reads a line. What is wrong with it is noted beside it: the others are not concerned. */
  add({ line, cells, problem }: TableRow): void {
    if (problem) {
      this.note(line, '', 'unreadable_line', null);
      return;
    }
    let written = '';
    let isOut = false;
    const values: Record<string, string> = {};
    let hasValues = false;
    for (const [index, { takenAs }] of this.file.columns.entries()) {
      const text = takenAs === 'ignore' ? '' : cleaned(cells[index] ?? '');
      if (text === '') continue;
      if (takenAs === 'phone') written = text;
      else if (takenAs === 'opted_out') isOut = yes.test(text);
      else {
        values[takenAs] = text;
        hasValues = true;
      }
    }
    const variables = hasValues ? JSON.stringify(values) : null;
    const read = readPhone(written, this.file.defaultCountry);
    if ('problem' in read) this.note(line, shown(written), reasonOf[read.problem.code], variables);
    else this.note(line, `phone:${read.phone}`, isOut ? 'opted_out' : null, variables);
  }

  private note(line: number, address: string, problem: ExclusionReason | null, variables: string | null): void {
    this.lines.push(line);
    this.addresses.push(address);
    this.problems.push(problem);
    this.variables.push(variables);
  }
}

function shown(text: string): string {
  return text.length > MOST_SHOWN ? `${[...text].slice(0, MOST_SHOWN - 1).join('')}…` : text;
}
