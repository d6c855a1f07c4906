package dev.kimi.internal.protocol.openai;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** How a service may number, identify, name and cut its calls, and which it makes. */
record ToolCallStyle(Index index, Id id, Name name, Arguments arguments, Type type, Order order, List<String> calls) {

    enum Index {
        RIGHT,
        TEXT,
        DECIMAL,
        ALL_ZERO,
        MISSING
    }

    enum Id {
        FIRST,
        EACH,
        FRESH,
        EMPTY,
        MISSING
    }

    enum Name {
        FIRST,
        EACH,
        PIECES,
        FIRST_THEN_EMPTY
    }

    enum Arguments {
        WHOLE,
        PIECES,
        EMPTY_THEN_WHOLE,
        EMPTY_THEN_PIECES,
        OBJECT
    }

    enum Type {
        FIRST,
        EACH,
        MISSING
    }

    enum Order {
        IN_TURN,
        INTERLEAVED
    }

    /** What is called: a name, and arguments or none. */
    private static final List<List<String>> CALLS = List.of(
            List.of("mcp__fs__read_file|{\"path\":\"/a\"}"),
            List.of("get_time|"),
            List.of("get_time|", "delete_file|{\"path\":\"/a\"}"),
            List.of("delete_file|{\"path\":\"/a\"}", "get_time|"),
            List.of("add|{\"a\":{\"b\":1}}", "add|{\"a\":{\"b\":2}}"),
            List.of("add|", "add|{\"a\":2}"),
            List.of("add|{\"a\":2}"),
            List.of("add|", "add|{\"a\":{\"b\":1}}", "add|", "add|{\"a\":{\"b\":2}}"),
            List.of("add|{\"a\":[1]}", "mul|{\"a\":\"}\\\\\"\"}", "add|{\"a\":3}"));

    /** Whole calls with the same bytes as some of the above in pieces; such names no tool of the request has. */
    private static final List<List<String>> LOOKALIKES = List.of(
            List.of("mcp__fs__|", "read_file|{\"path\":\"/a\"}"),
            List.of("get_|", "time|"),
            List.of("a|", "dd|{\"a\":{\"b\":1}}", "a|", "dd|{\"a\":{\"b\":2}}"),
            List.of("a|", "dd|", "a|", "dd|{\"a\":2}"),
            List.of("get_|", "time|", "delet|", "e_file|{\"path\":\"/a\"}"),
            List.of("delet|", "e_file|{\"path\":\"/a\"}", "get_|", "time|"),
            List.of("a|", "dd|{\"a\":[1]}", "m|", "ul|{\"a\":\"}\\\\\"\"}", "a|", "dd|{\"a\":3}"));

    private static final List<List<String>> NONE = List.of();
    private static final List<String> LOOKALIKE = List.of("get_timedelete_file|{\"path\":\"/a\"}");

    /** Every style, with lookalikes unless the tools are declared. */
    static Stream<ToolCallStyle> all(boolean declared) {
        List<ToolCallStyle> all = new ArrayList<>();
        for (Index index : Index.values()) {
            for (Id id : Id.values()) {
                for (Name name : Name.values()) {
                    for (Arguments arguments : Arguments.values()) {
                        for (Type type : Type.values()) {
                            boolean told = index.ordinal() < 3 || id == Id.EACH;
                            for (Order order : told ? Order.values() : new Order[] {Order.IN_TURN}) {
                                CALLS.forEach(calls ->
                                        all.add(new ToolCallStyle(index, id, name, arguments, type, order, calls)));
                                for (List<String> calls : !declared && name == Name.FIRST ? LOOKALIKES : NONE) {
                                    all.add(new ToolCallStyle(index, id, name, arguments, type, order, calls));
                                }
                                if (!declared && name == Name.PIECES) {
                                    all.add(new ToolCallStyle(index, id, name, arguments, type, order, LOOKALIKE));
                                }
                            }
                        }
                    }
                }
            }
        }
        return all.stream();
    }

    /** Where a number or an id of its own tells each call from the others, no style may fail. */
    boolean isToldApart() {
        boolean several = calls.size() > 1;
        boolean sameTool = calls.contains("add|");
        boolean numbered = index.ordinal() < 3 && several;
        boolean identified =
                (id == Id.FIRST || id == Id.EACH) && name != Name.PIECES && !sameTool && type == Type.FIRST;
        boolean repeated = id == Id.EACH && name == Name.EACH && type != Type.MISSING;
        return numbered || identified || repeated && !sameTool;
    }

    /**
     * Two readings are taken for granted. Whole calls, one in each piece and with their type, are no parts of names,
     * unless the tools of the request say so. And a name that comes again before its arguments are whole is repeated.
     */
    boolean isKnownLookalike(boolean declared) {
        boolean whole = !declared && name == Name.PIECES && type == Type.EACH;
        return whole || name == Name.EACH && calls.contains("add|");
    }

    /** What the calls are when they are put together. */
    List<String> expected() {
        List<String> all = new ArrayList<>();
        int piece = 0;
        for (int i = 0; i < calls.size(); i++) {
            String[] call = calls.get(i).split("\\|", -1);
            String given = call[1].isEmpty() ? "{}" : call[1].replace("\\\\", "\\");
            String known = switch (id) {
                case FIRST, EACH -> "c" + i;
                case FRESH -> "c" + piece;
                case EMPTY, MISSING -> "";
            };
            piece += pieces(i, 0).size();
            all.add(known + "|" + call[0] + "|" + given);
        }
        return all;
    }

    /** The pieces in which the calls come. */
    List<String> chunks() {
        List<List<String>> all = new ArrayList<>();
        int piece = 0;
        for (int i = 0; i < calls.size(); i++) {
            List<String> pieces = pieces(i, piece);
            piece += pieces.size();
            all.add(pieces);
        }
        List<String> chunks = new ArrayList<>();
        if (order == Order.IN_TURN) {
            all.forEach(chunks::addAll);
        } else {
            for (int i = 0; i < 10; i++) {
                for (List<String> call : all) {
                    if (i < call.size()) {
                        chunks.add(call.get(i));
                    }
                }
            }
        }
        return chunks;
    }

    private List<String> pieces(int number, int from) {
        String[] call = calls.get(number).split("\\|", -1);
        String called = call[0];
        String given = call[1].replace("\\\\", "\\");
        int third = given.length() / 3;
        List<String> cut = given.isEmpty()
                ? List.of("")
                : switch (arguments) {
                    case WHOLE, OBJECT -> List.of(given);
                    case PIECES ->
                        List.of(
                                given.substring(0, third),
                                given.substring(third, 2 * third),
                                given.substring(2 * third));
                    case EMPTY_THEN_WHOLE -> List.of("", given);
                    case EMPTY_THEN_PIECES -> List.of("", given.substring(0, third), given.substring(third));
                };
        int half = called.startsWith("get_time") && called.length() > 8 ? 8 : called.length() / 2;
        List<String> named =
                name == Name.PIECES ? List.of(called.substring(0, half), called.substring(half)) : List.of(called);
        List<String> pieces = new ArrayList<>();
        int count = Math.max(cut.size(), named.size());
        for (int i = 0; i < count; i++) {
            // Arguments come with the last piece of the name when there are fewer of them.
            int at = i - (count - cut.size());
            String part = at >= 0 ? cut.get(at) : "";
            List<String> members = new ArrayList<>();
            switch (index) {
                case RIGHT -> members.add("\"index\":" + number);
                case TEXT -> members.add("\"index\":\"" + number + "\"");
                case DECIMAL -> members.add("\"index\":" + number + ".0");
                case ALL_ZERO -> members.add("\"index\":0");
                case MISSING -> {}
            }
            switch (id) {
                case FIRST -> members.addAll(i == 0 ? List.of("\"id\":\"c" + number + "\"") : List.of());
                case EACH -> members.add("\"id\":\"c" + number + "\"");
                case FRESH -> members.add("\"id\":\"c" + (from + i) + "\"");
                case EMPTY -> members.add("\"id\":\"\"");
                case MISSING -> {}
            }
            if (type == Type.EACH || type == Type.FIRST && i == 0) {
                members.add("\"type\":\"function\"");
            }
            List<String> function = new ArrayList<>();
            if (i < named.size()) {
                function.add("\"name\":\"" + named.get(i) + "\"");
            } else if (name == Name.EACH) {
                function.add("\"name\":\"" + called + "\"");
            } else if (name == Name.FIRST_THEN_EMPTY) {
                function.add("\"name\":\"\"");
            }
            boolean object = arguments == Arguments.OBJECT && !part.isEmpty();
            function.add("\"arguments\":" + (object ? part : quote(part)));
            members.add("\"function\":{" + String.join(",", function) + "}");
            pieces.add("{" + String.join(",", members) + "}");
        }
        return pieces;
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
