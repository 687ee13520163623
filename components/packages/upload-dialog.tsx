'use client';

import { useTranslations } from 'next-intl';
import { useTusUpload } from '../api/use-tus-upload';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { DropZone } from '../ui/drop-zone';
import { ErrorState } from '../ui/error-state';
import { Notice } from '../ui/notice';
import { Progress } from '../ui/progress';

/** Uploads a package that was made elsewhere, resumable. */
export function UploadDialog({
  projectId,
  open,
  onOpenChange,
}: {
  projectId: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useTranslations('packages.upload');
  const { state, start, cancel, reset } = useTusUpload('/api/v1/packages/uploads');
  const sending = state.phase === 'sending' || state.phase === 'waiting';
  const close = () => {
    reset();
    onOpenChange(false);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(now) => (now ? onOpenChange(true) : close())}
      title={t('title')}
      description={t('description')}
      locked={sending}
      footer={
        sending ? (
          <Button variant="danger" onClick={() => void cancel()}>
            {t('cancel')}
          </Button>
        ) : (
          <Button onClick={close}>{t('close')}</Button>
        )
      }
    >
      <div className="flex flex-col gap-4" aria-live="polite">
        {state.phase === 'idle' && (
          <DropZone
            label={t('drop')}
            hint={t('hint')}
            accept=".csar,.zip"
            multiple={false}
            onFiles={([file]) => {
              if (file) start(file, { filename: file.name, projectId });
            }}
          />
        )}
        {sending && (
          <>
            <Progress
              label={t('sending', { name: state.name })}
              bytes
              {...(state.total > 0 && { value: state.sent, max: state.total })}
            />
            {state.phase === 'waiting' && <Notice tone="warning">{t('waiting')}</Notice>}
          </>
        )}
        {state.phase === 'done' && <Notice tone="success">{t('checking')}</Notice>}
        {state.phase === 'failed' && state.problem && (
          <ErrorState
            compact
            problem={state.problem}
            action={
              <Button size="sm" onClick={reset}>
                {t('again')}
              </Button>
            }
          />
        )}
      </div>
    </Dialog>
  );
}
