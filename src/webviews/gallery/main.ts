import '../base.css';
import '../controls.ts';
import './gallery-view.ts';
