/** What the answers to a view's requests are made from. */
import type { NativeUi } from './nativeUi.ts';
import type { ExportCenter } from './exportCenter.ts';
import type { AddressOf } from './imageViews.ts';
import type { Panels, PanelServices } from './panelServices.ts';

export interface HandlerContext {
  services: PanelServices;
  panels: Pick<Panels, 'open'>;
  exports: ExportCenter;
  nativeUi: NativeUi;
  /** Addresses that this one panel can load. */
  addressOf: AddressOf;
}
