import { ApiProperty } from '@nestjs/swagger';
import { IsUUID, ValidateBy } from 'class-validator';

/** Longest answer of an authenticator, as JSON. */
const MAX_CHARACTERS = 50_000;

const credentialExample = {
  id: 'Bp3qK0mYQ7uXkq1n0u2W4g',
  rawId: 'Bp3qK0mYQ7uXkq1n0u2W4g',
  type: 'public-key',
  response: { clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0', authenticatorData: 'SZYN5Y', signature: 'MEUCIQ' },
  clientExtensionResults: {},
};

/** The JSON of a PublicKeyCredential: an object of bounded size whose inside the passkey check looks at. */
export const IsPublicKeyCredential = () =>
  ValidateBy({
    name: 'isPublicKeyCredential',
    validator: {
      validate: (value) =>
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        JSON.stringify(value).length <= MAX_CHARACTERS,
      defaultMessage: () => 'must be the JSON of a PublicKeyCredential',
    },
  });

/** What `navigator.credentials.get` gave. */
export class PasskeyAnswerIn {
  @ApiProperty({
    description: 'Of the options that the browser was given.',
    format: 'uuid',
    example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d11',
  })
  @IsUUID()
  challengeId: string;

  @ApiProperty({
    description: 'The PublicKeyCredential as JSON (`credential.toJSON()`).',
    type: Object,
    additionalProperties: true,
    example: credentialExample,
  })
  @IsPublicKeyCredential()
  response: Record<string, unknown>;
}
