import '../base.css';
import '../controls.ts';
import './job-view.ts';
