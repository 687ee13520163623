'use client';

import { Upload } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRef, useState, type DragEvent, type ReactNode } from 'react';
import { classNames } from './class-names';
import { filesOfDrop } from './dropped-files';

export interface DropZoneProps {
  /** Files in the order given. Those out of a folder carry their path in `webkitRelativePath`. */
  onFiles: (files: File[]) => void;
  label: string;
  hint?: ReactNode;
  /** As the attribute of `<input type="file">`; the drop is not filtered by it, the receiver must check. */
  accept?: string;
  multiple?: boolean;
  /** Offers to choose a folder as well, and takes dropped folders apart. */
  folders?: boolean;
  disabledReason?: string | undefined;
  compact?: boolean;
  /** With content the whole of it is the target, and the words show only while something is dragged over it. */
  children?: ReactNode;
}

/** Takes files by drag and drop, and by the browser's own dialog for keyboard and touch. */
export function DropZone(props: DropZoneProps) {
  const drag = useFileDrag(props);
  if (props.children === undefined) return <DropBox {...props} drag={drag} />;
  return (
    <div {...drag.handlers} className="relative">
      {props.children}
      {drag.over && (
        <DropVeil label={props.disabledReason ?? props.label} refused={props.disabledReason !== undefined} />
      )}
    </div>
  );
}

interface FileDrag {
  over: boolean;
  handlers: Record<'onDragEnter' | 'onDragOver' | 'onDragLeave' | 'onDrop', (event: DragEvent) => void>;
}

function useFileDrag({ onFiles, disabledReason, multiple = true, folders = false }: DropZoneProps): FileDrag {
  // Enter and leave come for every element inside; only their balance says whether the pointer is still here.
  const depth = useRef(0);
  const [over, setOver] = useState(false);
  const refused = disabledReason !== undefined;
  const move = (event: DragEvent, step: number) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    depth.current = Math.max(0, depth.current + step);
    setOver(depth.current > 0);
  };
  const take = async (dropped: DataTransfer) => {
    const files = await filesOfDrop(dropped, folders);
    const taken = multiple ? files : files.slice(0, 1);
    if (taken.length > 0) onFiles(taken);
  };
  return {
    over,
    handlers: {
      onDragEnter: (event) => move(event, 1),
      onDragOver: (event) => {
        move(event, 0);
        if (event.defaultPrevented) event.dataTransfer.dropEffect = refused ? 'none' : 'copy';
      },
      onDragLeave: (event) => move(event, -1),
      onDrop: (event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        if (refused) return;
        void take(event.dataTransfer);
      },
    },
  };
}

function DropBox({ drag, ...props }: DropZoneProps & { drag: FileDrag }) {
  const t = useTranslations('ui');
  const refused = props.disabledReason !== undefined;
  return (
    <div
      {...drag.handlers}
      className={classNames(
        'flex flex-col items-center justify-center gap-1 rounded-xl border-2 border-dashed text-center transition-colors',
        props.compact === true ? 'px-4 py-5' : 'px-6 py-10',
        drag.over && !refused
          ? 'border-accent bg-accent-soft'
          : 'border-border-strong/50 bg-surface-sunken/50',
      )}
    >
      <span
        aria-hidden
        className={classNames(
          'mb-2 grid place-items-center rounded-full',
          props.compact === true ? 'size-8 [&_svg]:size-4' : 'size-11 [&_svg]:size-5',
          refused ? 'bg-surface-sunken text-text-subtle' : 'bg-accent-soft text-accent-strong',
        )}
      >
        <Upload />
      </span>
      <p className="font-medium">{drag.over && !refused ? t('dropHere') : props.label}</p>
      {refused ? (
        <p className="text-text-muted">{props.disabledReason}</p>
      ) : (
        <p className="text-text-muted">
          {t('dropOr')} <FileChooser {...props} />
          {props.folders === true && (
            <>
              {' / '}
              <FileChooser {...props} folder />
            </>
          )}
        </p>
      )}
      {props.hint !== undefined && <div className="text-text-muted mt-1 text-[0.8125rem]">{props.hint}</div>}
    </div>
  );
}

function FileChooser({
  onFiles,
  label,
  accept,
  multiple = true,
  folder = false,
}: DropZoneProps & { folder?: boolean }) {
  const t = useTranslations('ui');
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        onClick={() => input.current?.click()}
        className="text-accent decoration-accent-line hover:decoration-accent rounded-sm font-medium underline underline-offset-[0.2em]"
      >
        {t(folder ? 'browseFolder' : multiple ? 'browseFiles' : 'browseFile')}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={label}
        accept={folder ? undefined : accept}
        multiple={multiple}
        {...(folder && { webkitdirectory: '' })}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // The same file chosen again must be an event again.
          event.target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}

function DropVeil({ label, refused }: { label: string; refused: boolean }) {
  return (
    <div
      aria-hidden
      className={classNames(
        'animate-appear pointer-events-none absolute inset-0 z-30 grid place-items-center rounded-xl border-2 border-dashed',
        refused ? 'border-border-strong bg-surface-sunken/95' : 'border-accent bg-accent-soft/95',
      )}
    >
      <p className="flex items-center gap-2 p-4 text-center text-base font-semibold">
        <Upload className="size-5 shrink-0" />
        {label}
      </p>
    </div>
  );
}
