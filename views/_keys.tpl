<dialog id="keys" class="card" aria-labelledby="keys-title">
<h2 id="keys-title">{{_("Keys")}}</h2>
<dl class="keys">
<div><dt><kbd>←</kbd> <kbd>→</kbd></dt><dd>{{_("Previous and next")}}</dd></div>
<div><dt><kbd>Esc</kbd></dt><dd>{{_("Back to where you were")}}</dd></div>
<div><dt><kbd>i</kbd></dt><dd>{{_("Facts about it")}}</dd></div>
<div><dt><kbd>f</kbd></dt><dd>{{_("Full screen")}}</dd></div>
<div><dt><kbd>z</kbd></dt><dd>{{_("Closer, and back")}}</dd></div>
<div><dt><kbd>{{_("Space")}}</kbd></dt><dd>{{_("Slideshow")}}</dd></div>
<div><dt><kbd>h</kbd></dt><dd>{{_("Home")}}</dd></div>
% if signed_in:
<div><dt><kbd>a</kbd></dt><dd>{{_("Add media")}}</dd></div>
<div><dt><kbd>g</kbd></dt><dd>{{_("Your gallery")}}</dd></div>
<div><dt><kbd>c</kbd></dt><dd>{{_("Your collections")}}</dd></div>
<div><dt><kbd>p</kbd></dt><dd>{{_("Your profile")}}</dd></div>
<div><dt><kbd>e</kbd></dt><dd>{{_("Change this")}}</dd></div>
% end
<div><dt><kbd>?</kbd></dt><dd>{{_("These keys")}}</dd></div>
</dl>
<form method="dialog"><button class="button">{{_("Close")}}</button></form>
</dialog>
