'use client';

import { MapPin } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { MapFrame } from './map-frame';
import { placeAt, pointOf, toBox, wholeWorld, worldProjection, type View } from './view';

const projection = worldProjection();

/** How near a map of one place goes: its country is to be seen. */
const near = 8;

type Coordinates = { latitude: number; longitude: number };

/**
 * A map of one place.
 *
 * @param onPick takes the place that was pressed; absent where it cannot be changed
 */
export function PlacePicker({
  place,
  onPick,
}: {
  place: Coordinates | undefined;
  onPick?: (place: Coordinates) => void;
}) {
  const t = useTranslations('edgePages.map');
  const point = place && pointOf({ address: '', ...place }, projection);
  // What the map began with: it must not jump under the hand that picks.
  const [fit] = useState<View>(() => (point ? { ...point, scale: near } : wholeWorld));
  return (
    <MapFrame
      label={t(onPick ? 'pick' : 'place')}
      fit={fit}
      small={onPick === undefined}
      {...(onPick && {
        onPress: (at) => {
          const picked = placeAt(at, projection);
          if (picked) onPick(picked);
        },
      })}
    >
      {({ view, box }) => {
        if (!point) return null;
        const { x, y } = toBox(point, view, box);
        return (
          <MapPin
            aria-hidden
            style={{ left: x, top: y }}
            className="text-accent fill-accent-soft pointer-events-none absolute size-7 -translate-x-1/2 -translate-y-[92%]"
          />
        );
      }}
    </MapFrame>
  );
}
