import '../base.css';
import '../controls.ts';
import './settings-view.ts';
