% by_day = get("days", False)
% last = None
<div class="grid" data-grid>
% for number, tile in enumerate(items):
% if by_day and tile.day != last:
%   last = tile.day
<span class="rest"></span><h2 class="day">{{day(last)}}</h2>
% end
{{!tile.html(number > 5)}}
% end
</div>
