import '../base.css';
import '../controls.ts';
import './failed-view.ts';
