-- POST /log with wrk: the bodies, one a line in the file that is the argument, go round. The answer is JSON in one line.
local requests = {}
local at = 0

function init(args)
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format('POST', nil, { ['Content-Type'] = 'application/json' }, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\n{"answered":%d,"seconds":%.6f,"failed":%d,"p50Ms":%.3f,"p99Ms":%.3f}\n',
    summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
