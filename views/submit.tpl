% rebase("layout.tpl", title=_("Add media"), scripts=["upload.js"])
% icons = asset("icons.svg")
<h1>{{_("Add media")}}</h1>
% include("_wrong.tpl")
<form class="add" id="add" method="post" action="{{url("/submit/")}}" enctype="multipart/form-data" data-upload="{{url("/upload/")}}" data-max="{{max_bytes or ""}}">
<div class="drop" id="drop">
<svg class="icon big" aria-hidden="true"><use href="{{icons}}#upload"/></svg>
<p class="invite"><span class="with-script">{{_("Drop files or folders anywhere on this page, paste a picture, or choose:")}}</span></p>
<div class="ways">
<div class="way"><label for="file" class="button">{{_("Choose files")}}</label><input id="file" type="file" name="file" multiple></div>
<div class="way with-script"><label for="folder" class="button">{{_("Choose a folder")}}</label><input id="folder" type="file" webkitdirectory multiple></div>
<div class="way with-script touch"><label for="camera" class="button">{{_("Take a picture")}}</label><input id="camera" type="file" accept="image/*,video/*" capture="environment"></div>
</div>
% if wrong.get("file"):
<p class="wrong">{{wrong["file"]}}</p>
% end
<p class="muted">\\
% if max_bytes:
{{_("A file may be {size} at most.").format(size=size(max_bytes))}}\\
% end
% if free_bytes is not None:
 {{_("There is room for {size} more.").format(size=size(free_bytes))}}\\
% end
</p>
</div>
<fieldset class="settings">
<legend>{{_("For all you add now")}}</legend>
% include("_seen_by.tpl")
<div class="columns">
% include("_field.tpl", name="collection", label=_("Collection"), hint=_("A new name makes a new one."), options="collections")
<datalist id="collections">
% for one in collections:
<option value="{{one["title"]}}"></option>
% end
</datalist>
% include("_field.tpl", name="tags", label=_("Tags"), hint=_("With commas between: sea, summer"), options="", kind="text")
<div class="field"><label for="license">{{_("Licence")}}</label>
<select id="license" name="license">
% for address, label in licences:
<option value="{{address}}"{{!" selected" if fields.get("license", "") == address else ""}}>{{label}}</option>
% end
</select></div>
</div>
</fieldset>
<p class="without-script"><button class="button primary">{{_("Add them")}}</button></p>
</form>
% include("_upload.tpl", icons=icons)
