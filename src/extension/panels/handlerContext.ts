/** What the answers to a view's requests are made from. */
import type { Desk } from './desk.ts';
import type { ExportCenter } from './exportCenter.ts';
import type { AddressOf } from './pictures.ts';
import type { Panels, PanelServices } from './services.ts';

export interface HandlerContext {
  services: PanelServices;
  panels: Pick<Panels, 'open'>;
  exports: ExportCenter;
  desk: Desk;
  /** Addresses that this one panel can load. */
  addressOf: AddressOf;
}
