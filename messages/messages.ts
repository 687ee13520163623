import access from './en/access.json';
import api from './en/api.json';
import console from './en/console.json';
import containers from './en/containers.json';
import containerPages from './en/container-pages.json';
import files from './en/files.json';
import images from './en/images.json';
import jobs from './en/jobs.json';
import packages from './en/packages.json';
import problems from './en/problems.json';
import registries from './en/registries.json';
import shell from './en/shell.json';
import sites from './en/sites.json';
import store from './en/store.json';
import tools from './en/tools.json';
import ui from './en/ui.json';
import workbench from './en/workbench.json';
import workloadSites from './en/workload-sites.json';
import workloadParts from './en/workload-parts.json';
import workloads from './en/workloads.json';
import openstack from './en/openstack.json';
import adminRegistries from './en/admin-registries.json';
import adminSites from './en/admin-sites.json';
import deployments from './en/deployments.json';
import distribution from './en/distribution.json';
import deploymentPages from './en/deployment-pages.json';
import distributionPages from './en/distribution-pages.json';
import edgePages from './en/edge-pages.json';
import edges from './en/edges.json';
import edgeyards from './en/edgeyards.json';
import sync from './en/sync.json';
import syncPages from './en/sync-pages.json';
import accessZh from './zh/access.json';
import apiZh from './zh/api.json';
import consoleZh from './zh/console.json';
import containersZh from './zh/containers.json';
import containerPagesZh from './zh/container-pages.json';
import distributionZh from './zh/distribution.json';
import deploymentPagesZh from './zh/deployment-pages.json';
import distributionPagesZh from './zh/distribution-pages.json';
import filesZh from './zh/files.json';
import imagesZh from './zh/images.json';
import jobsZh from './zh/jobs.json';
import packagesZh from './zh/packages.json';
import problemsZh from './zh/problems.json';
import registriesZh from './zh/registries.json';
import shellZh from './zh/shell.json';
import sitesZh from './zh/sites.json';
import storeZh from './zh/store.json';
import toolsZh from './zh/tools.json';
import uiZh from './zh/ui.json';
import workbenchZh from './zh/workbench.json';
import workloadSitesZh from './zh/workload-sites.json';
import workloadPartsZh from './zh/workload-parts.json';
import workloadsZh from './zh/workloads.json';
import openstackZh from './zh/openstack.json';
import adminRegistriesZh from './zh/admin-registries.json';
import adminSitesZh from './zh/admin-sites.json';
import deploymentsZh from './zh/deployments.json';
import edgePagesZh from './zh/edge-pages.json';
import edgesZh from './zh/edges.json';
import edgeyardsZh from './zh/edgeyards.json';
import syncZh from './zh/sync.json';
import syncPagesZh from './zh/sync-pages.json';
import type { Locale } from './locales';

const en = {
  access,
  distribution,
  deploymentPages,
  distributionPages,
  deployments,
  edgePages,
  edges,
  edgeyards,
  sync,
  syncPages,
  adminRegistries,
  adminSites,
  openstack,
  api,
  console,
  containers,
  containerPages,
  files,
  images,
  jobs,
  packages,
  problems,
  registries,
  shell,
  sites,
  store,
  tools,
  ui,
  workbench,
  workloadParts,
  workloadSites,
  workloads,
};

const zh = {
  access: accessZh,
  distribution: distributionZh,
  deploymentPages: deploymentPagesZh,
  distributionPages: distributionPagesZh,
  deployments: deploymentsZh,
  edgePages: edgePagesZh,
  edges: edgesZh,
  edgeyards: edgeyardsZh,
  sync: syncZh,
  syncPages: syncPagesZh,
  adminRegistries: adminRegistriesZh,
  adminSites: adminSitesZh,
  openstack: openstackZh,
  api: apiZh,
  console: consoleZh,
  containers: containersZh,
  containerPages: containerPagesZh,
  files: filesZh,
  images: imagesZh,
  jobs: jobsZh,
  packages: packagesZh,
  problems: problemsZh,
  registries: registriesZh,
  shell: shellZh,
  sites: sitesZh,
  store: storeZh,
  tools: toolsZh,
  ui: uiZh,
  workbench: workbenchZh,
  workloadParts: workloadPartsZh,
  workloadSites: workloadSitesZh,
  workloads: workloadsZh,
};

/** The shape of the texts: every key that a page may ask for (types/next-intl.d.ts makes a wrong one a type error). */
export type Messages = typeof en;

type Leaves<Tree> = {
  [Name in keyof Tree & string]: Tree[Name] extends string ? Name : `${Name}.${Leaves<Tree[Name]>}`;
}[keyof Tree & string];

/** The whole key of a text, for example `problems.unexpected`. */
export type MessageKey = Leaves<Messages>;

/** The rest of every key that begins so: `KeyBelow<'sites.errors'>` has `notRunning` among others. */
export type KeyBelow<Start extends string, Key = MessageKey> = Key extends `${Start}.${infer Rest}`
  ? Rest
  : never;

/**
 * The texts of one language, by namespace.
 *
 * @param locale the language
 */
export function messagesOf(locale: Locale): Record<string, unknown> {
  return locale === 'zh' ? zh : en;
}
