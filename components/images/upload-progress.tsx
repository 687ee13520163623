'use client';

import { Pause, Play, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { toast } from 'sonner';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ErrorState } from '../ui/error-state';
import { Progress } from '../ui/progress';
import type { useImageUpload } from './use-image-upload';

/** How far an upload is; when all is here, the image's page shows the rest. */
export function UploadProgress({ file, upload }: { file: File; upload: ReturnType<typeof useImageUpload> }) {
  const t = useTranslations('images.new');
  const router = useRouter();
  const { phase, sent, total, id: imageId, problem } = upload.state;
  useEffect(() => {
    if (phase === 'done' && imageId !== undefined) router.replace(`/images/${imageId}`);
  }, [phase, imageId, router]);

  const cancel = async () => {
    if (await upload.cancel()) toast(t('cancelled'));
  };
  const detail = { paused: t('paused'), waiting: t('waiting'), done: t('checking') };
  return (
    <Card title={t('uploading', { name: file.name })}>
      <div className="flex flex-col gap-5">
        {phase === 'failed' && problem ? (
          <ErrorState problem={problem} onRetry={upload.resume} compact />
        ) : (
          <Progress
            label={t('uploading', { name: file.name })}
            hideLabel
            value={sent}
            max={Math.max(1, total)}
            bytes
            {...(phase === 'waiting' && { tone: 'warning' as const })}
            detail={phase in detail ? detail[phase as keyof typeof detail] : undefined}
          />
        )}
        <div className="flex flex-wrap gap-3">
          {(phase === 'sending' || phase === 'waiting') && (
            <Button icon={<Pause />} onClick={upload.pause}>
              {t('pause')}
            </Button>
          )}
          {phase === 'paused' && (
            <Button variant="primary" icon={<Play />} onClick={upload.resume}>
              {t('resume')}
            </Button>
          )}
          {phase !== 'done' && (
            <Button variant="ghost" icon={<X />} onClick={() => void cancel()}>
              {t('cancel')}
            </Button>
          )}
        </div>
      </div>
    </Card>
  );
}
