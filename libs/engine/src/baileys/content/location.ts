import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import { numberOf, positive, present } from './values.js';

type Location = Extract<MessageContent, { kind: 'location' }>;
type LiveLocation = Extract<MessageContent, { kind: 'live_location' }>;

export function locationFrom(location: proto.Message.ILocationMessage): Location | LiveLocation {
  const at = { latitude: location.degreesLatitude ?? 0, longitude: location.degreesLongitude ?? 0 };
  if (location.isLive) {
    const { accuracyInMeters, speedInMps, degreesClockwiseFromMagneticNorth, comment } = location;
    return {
      kind: 'live_location',
      ...at,
      ...moving(accuracyInMeters, speedInMps, degreesClockwiseFromMagneticNorth),
      ...present({ caption: comment }),
    };
  }
  const { name, address, url } = location;
  return { kind: 'location', ...at, ...present({ name, address, url }) };
}

export function liveLocationFrom(location: proto.Message.ILiveLocationMessage): LiveLocation {
  const { accuracyInMeters, speedInMps, degreesClockwiseFromMagneticNorth } = location;
  return {
    kind: 'live_location',
    latitude: location.degreesLatitude ?? 0,
    longitude: location.degreesLongitude ?? 0,
    ...moving(accuracyInMeters, speedInMps, degreesClockwiseFromMagneticNorth),
    ...present({ caption: location.caption, sequence: positive(location.sequenceNumber) }),
  };
}

export function locationProto({ latitude, longitude, name, address, url }: Location): proto.IMessage {
  const at = { degreesLatitude: latitude, degreesLongitude: longitude };
  return { locationMessage: { ...at, ...present({ name, address, url }) } };
}

/** Sent again under the same id with a higher sequence, it moves. */
export function liveLocationProto(content: LiveLocation): proto.IMessage {
  const { latitude, longitude, caption, accuracyMeters, speedMetersPerSecond, headingDegrees, sequence } = content;
  return {
    liveLocationMessage: {
      degreesLatitude: latitude,
      degreesLongitude: longitude,
      accuracyInMeters: accuracyMeters,
      speedInMps: speedMetersPerSecond,
      degreesClockwiseFromMagneticNorth: headingDegrees,
      sequenceNumber: sequence ?? 1,
      ...present({ caption }),
    },
  };
}

/** Standing still and north are zero, and told. */
function moving(
  accuracy: number | null | undefined,
  speed: number | null | undefined,
  heading: number | null | undefined,
): Pick<LiveLocation, 'accuracyMeters' | 'speedMetersPerSecond' | 'headingDegrees'> {
  return {
    ...(numberOf(accuracy) === undefined ? {} : { accuracyMeters: numberOf(accuracy) }),
    ...(numberOf(speed) === undefined ? {} : { speedMetersPerSecond: numberOf(speed) }),
    ...(numberOf(heading) === undefined ? {} : { headingDegrees: numberOf(heading) }),
  };
}
