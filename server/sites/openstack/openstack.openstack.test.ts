import { siteContract } from '../contract';
import { openOpenStackBench } from './testing';

siteContract('OpenStack', () => openOpenStackBench(), {
  ownFlavors: false,
  forwards: false,
  agent: false,
  forcesOff: false,
  freesMemory: false,
});
