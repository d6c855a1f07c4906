package dev.kimi.test;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A page of a list as Anthropic's service gives it: {@code limit}, {@code after_id}, {@code before_id}. */
final class Page {

    private static final int DEFAULT_LIMIT = 20;

    private Page() {}

    static Map<String, Object> of(List<Map<String, Object>> all, String query) {
        Map<String, String> wanted = new LinkedHashMap<>();
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                wanted.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        String limit = wanted.getOrDefault("limit", "");
        int most = limit.matches("\\d{1,4}") ? Math.max(1, Integer.parseInt(limit)) : DEFAULT_LIMIT;
        List<Object> ids = new ArrayList<>();
        all.forEach(entry -> ids.add(entry.get("id")));
        int from = ids.indexOf(wanted.get("after_id")) + 1;
        int before = ids.indexOf(wanted.get("before_id"));
        int to = before < 0 ? Math.min(ids.size(), from + most) : before;
        from = before < 0 ? from : Math.max(0, before - most);
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("data", all.subList(from, to));
        page.put("has_more", before < 0 ? to < ids.size() : from > 0);
        page.put("first_id", from < to ? ids.get(from) : null);
        page.put("last_id", from < to ? ids.get(to - 1) : null);
        return page;
    }
}
