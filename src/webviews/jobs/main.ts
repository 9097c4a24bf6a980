import '../base.css';
import '../controls.ts';
import './jobs-view.ts';
