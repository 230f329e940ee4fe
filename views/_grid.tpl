% by_day = get("days", False)
% last = None
<div class="grid" data-grid>
% for number, tile in enumerate(items):
% when = tile.day(order) if by_day else None
% if when != last:
%   last = when
<span class="rest"></span><h2 class="day">{{day(last) if last else _("Without a date")}}</h2>
% end
{{!tile.html(number > 5)}}
% end
</div>
