'use client';

import { MapPinOff, Pencil } from 'lucide-react';
import { useFormatter, useTranslations } from 'next-intl';
import { useState } from 'react';
import type { EdgeView, Place } from '@/server/operations/edges/schemas';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { EditPlaceDialog } from './edit-place-dialog';
import { EdgeLabels } from './labels';
import { PlacePicker } from './map/place-picker';

/** Where an edge stands, on a small map, and its labels. */
export function EdgePlace({ edge, mayAct }: { edge: EdgeView; mayAct: boolean }) {
  const t = useTranslations('edgePages');
  const [editing, setEditing] = useState(false);
  return (
    <Card
      title={t('place.title')}
      actions={
        <Button
          size="sm"
          variant="ghost"
          icon={<Pencil />}
          disabledReason={mayAct ? undefined : t('failures.operatorsOnly')}
          onClick={() => setEditing(true)}
        >
          {t('place.edit')}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        {edge.place ? (
          <>
            <div className="h-44">
              {/* Another place is another map. */}
              <PlacePicker key={JSON.stringify(edge.place)} place={edge.place} />
            </div>
            <PlaceWords place={edge.place} />
          </>
        ) : (
          <p className="text-text-muted flex items-center gap-2">
            <MapPinOff aria-hidden className="size-4 shrink-0" />
            {t('place.none')}
          </p>
        )}
        <div>
          <h3 className="eyebrow mb-1.5">{t('place.labels')}</h3>
          <EdgeLabels edge={edge} />
        </div>
      </div>
      {editing && <EditPlaceDialog edge={edge} onClose={() => setEditing(false)} />}
    </Card>
  );
}

function PlaceWords({ place: { address, latitude, longitude } }: { place: Place }) {
  const t = useTranslations('edgePages.place');
  const format = useFormatter();
  const degrees = (value: number) => format.number(Math.abs(value), { maximumFractionDigits: 4 });
  return (
    <div>
      {address !== '' && <p className="break-words">{address}</p>}
      <p className="text-text-muted tabular text-[0.8125rem]">
        {t('coordinates', {
          latitude: degrees(latitude),
          north: latitude >= 0 ? 'yes' : 'no',
          longitude: degrees(longitude),
          east: longitude >= 0 ? 'yes' : 'no',
        })}
      </p>
    </div>
  );
}
