import { siteContract } from '../contract';
import { openQemuBench } from './testing';

siteContract('QEMU', () => openQemuBench());
