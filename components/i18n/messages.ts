import access from '../../messages/en/access.json';
import api from '../../messages/en/api.json';
import console from '../../messages/en/console.json';
import files from '../../messages/en/files.json';
import images from '../../messages/en/images.json';
import jobs from '../../messages/en/jobs.json';
import packages from '../../messages/en/packages.json';
import problems from '../../messages/en/problems.json';
import shell from '../../messages/en/shell.json';
import sites from '../../messages/en/sites.json';
import store from '../../messages/en/store.json';
import tools from '../../messages/en/tools.json';
import ui from '../../messages/en/ui.json';
import workbench from '../../messages/en/workbench.json';
import accessZh from '../../messages/zh/access.json';
import apiZh from '../../messages/zh/api.json';
import consoleZh from '../../messages/zh/console.json';
import filesZh from '../../messages/zh/files.json';
import imagesZh from '../../messages/zh/images.json';
import jobsZh from '../../messages/zh/jobs.json';
import packagesZh from '../../messages/zh/packages.json';
import problemsZh from '../../messages/zh/problems.json';
import shellZh from '../../messages/zh/shell.json';
import sitesZh from '../../messages/zh/sites.json';
import storeZh from '../../messages/zh/store.json';
import toolsZh from '../../messages/zh/tools.json';
import uiZh from '../../messages/zh/ui.json';
import workbenchZh from '../../messages/zh/workbench.json';
import type { Locale } from './locales';

const en = {
  access,
  api,
  console,
  files,
  images,
  jobs,
  packages,
  problems,
  shell,
  sites,
  store,
  tools,
  ui,
  workbench,
};

const zh = {
  access: accessZh,
  api: apiZh,
  console: consoleZh,
  files: filesZh,
  images: imagesZh,
  jobs: jobsZh,
  packages: packagesZh,
  problems: problemsZh,
  shell: shellZh,
  sites: sitesZh,
  store: storeZh,
  tools: toolsZh,
  ui: uiZh,
  workbench: workbenchZh,
};

/**
 * The texts of one language, by namespace.
 *
 * @param locale the language
 */
export function messagesOf(locale: Locale): Record<string, unknown> {
  return locale === 'zh' ? zh : en;
}
