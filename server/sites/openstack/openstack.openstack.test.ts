import { ownSite, siteContract } from '../contract';
import { openOpenStackBench } from './testing';

siteContract('OpenStack', () => openOpenStackBench(), {
  ...ownSite,
  ownFlavors: false,
  forwards: false,
  agent: false,
  forcesOff: false,
  freesMemory: false,
});
