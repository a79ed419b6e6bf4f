-- Goes through many hosts or routes: `many.lua hosts 10000`, `many.lua paths 1000`. Neighbours in time are far apart in the
-- table, so that no cache makes it look small.
local requests, at, count = {}, 0, 0

function init(words)
  count = tonumber(words[2])
  for number = 0, count - 1 do
    local other = number * 7919 % count
    if words[1] == "hosts" then
      wrk.headers["Host"] = "h" .. other .. ".example.com"
      requests[number] = wrk.format("GET", "/")
    else
      wrk.headers["Host"] = "bench"
      requests[number] = wrk.format("GET", "/r" .. other .. "/page")
    end
  end
end

function request()
  at = at + 1
  return requests[at % count]
end
