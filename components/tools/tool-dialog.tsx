'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocale, useTranslations } from 'next-intl';
import { FormProvider, useForm } from 'react-hook-form';
import { toast } from 'sonner';
import { toolInput, type ToolInput } from '@/server/workbench/guest/schemas';
import type { Tool } from '@/server/workbench/guest/catalogue';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { FormErrors } from '../ui/form-errors';
import { Notice } from '../ui/notice';
import { ToolFields } from './tool-fields';

const fresh: ToolInput = {
  nameEn: '',
  nameZh: '',
  descriptionEn: '',
  descriptionZh: '',
  version: '1.0.0',
  script: '#!/bin/sh\nset -eu\n',
  files: [],
  checkCommand: '',
  timeoutSeconds: 600,
  needsAgent: false,
  givesIdentity: false,
};

/** Adds a tool, changes one, or shows a built-in one. */
export function ToolDialog({ tool, onClose }: { tool: Tool | undefined; onClose: () => void }) {
  const t = useTranslations('tools.admin');
  const locale = useLocale();
  const readOnly = tool?.builtIn === true;
  const form = useForm<ToolInput>({ resolver: zodResolver(toolInput), defaultValues: tool ?? fresh });
  const save = useSaveTool(tool?.id, onClose);
  const submit = form.handleSubmit((values) => save.mutate(values));
  const name = tool && (locale === 'zh' ? tool.nameZh : tool.nameEn);
  const title =
    name === undefined ? t('addTitle') : readOnly ? t('viewTitle', { name }) : t('editTitle', { name });
  return (
    <Dialog
      open
      size="xl"
      locked={save.isPending}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={title}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button
            variant="primary"
            type="submit"
            form="tool"
            busy={save.isPending}
            {...(readOnly && { disabledReason: t('builtInText') })}
          >
            {t('save')}
          </Button>
        </>
      }
    >
      <FormProvider {...form}>
        <form
          method="post"
          id="tool"
          noValidate
          onSubmit={(event) => void submit(event)}
          className="space-y-4"
        >
          {readOnly && <Notice tone="info">{t('builtInText')}</Notice>}
          <ToolFields readOnly={readOnly} />
          <FormErrors errors={{}} problem={save.error ? problemOf(save.error) : undefined} />
        </form>
      </FormProvider>
    </Dialog>
  );
}

function useSaveTool(toolId: string | undefined, onSaved: () => void) {
  const t = useTranslations('tools.admin');
  const locale = useLocale();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const add = useMutation(trpc.tools.add.mutationOptions());
  const change = useMutation(trpc.tools.change.mutationOptions());
  return useMutation({
    mutationFn: (tool: ToolInput) =>
      toolId === undefined ? add.mutateAsync(tool) : change.mutateAsync({ toolId, tool }),
    onSuccess: async (saved) => {
      toast.success(t('saved', { name: locale === 'zh' ? saved.nameZh : saved.nameEn }));
      await queryClient.invalidateQueries(trpc.tools.pathFilter());
      onSaved();
    },
  });
}
