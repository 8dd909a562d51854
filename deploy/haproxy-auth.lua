-- Asks Vigil whether a request's session is alive. HAProxy has no sub-request of its own; this is one, by its HTTP
-- client for Lua (2.5 or newer). It leaves its findings in variables, and deploy/haproxy-auth.cfg judges them:
--   txn.vigil_status                        what Vigil answered; 0 where it did not
--   txn.vigil_agent, _account, _session     who it is, percent-encoded; set only with 204

-- The `nodes` of haproxy-auth.cfg: an address, not a name, which would be looked up for each request.
local WHERE = "http://" .. (os.getenv("VIGIL_NODES") or "127.0.0.1:8081") .. "/v1/verify"
local PATIENCE_MS = 3000

-- Header fields come as a table of lists that begin at 0.
local function pass(from, names)
    local to = {}
    for _, name in ipairs(names) do
        local values = from[name]
        if values ~= nil then
            to[name] = {}
            for _, value in pairs(values) do table.insert(to[name], value) end
        end
    end
    return to
end

core.register_action("vigil_verify", { "http-req" }, function(txn)
    txn:set_var("txn.vigil_status", 0)
    local headers = pass(txn.http:req_get_headers(), { "authorization", "cookie" })
    headers["x-forwarded-for"] = { txn.sf:src() }
    local answer = core.httpclient():get({ url = WHERE, headers = headers, timeout = PATIENCE_MS })
    if answer == nil or answer.status == nil then return end
    txn:set_var("txn.vigil_status", answer.status)
    if answer.status ~= 204 then return end
    for _, what in ipairs({ "agent", "account", "session" }) do
        local values = answer.headers["x-vigil-" .. what]
        txn:set_var("txn.vigil_" .. what, values and values[0] or "")
    end
end)
