import '../base.css';
import '../controls.ts';
import './dashboard-view.ts';
