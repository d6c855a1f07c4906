package dev.kimi.test.internal;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the headers of a request to Anthropic's service say.
 *
 * @param version {@code anthropic-version}; empty if it was not sent
 * @param betas values of {@code anthropic-beta}
 */
public record ClaudeHeaders(String version, Set<String> betas) {

    /** The version that knows no sampling parameters. */
    public static final String LATEST = "2026-10-21";

    /** The beta that lets a request choose what becomes of thinking blocks that do not fit. */
    public static final String BINDING_CONTROLS = "thinking-binding-controls-2026-08-01";

    private static final Set<String> VERSIONS = Set.of("2023-01-01", "2023-06-01", LATEST);
    private static final List<String> BETAS = List.of(
            "advanced-tool-use",
            "advisor-tool",
            "agent-memory",
            "cache-diagnosis",
            "claude-code",
            "code-execution",
            "compact",
            "computer-use",
            "context-1m",
            "context-management",
            "dev-full-thinking",
            "effort",
            "extended-cache-ttl",
            "fallback-credit",
            "fast-mode",
            "files-api",
            "fine-grained-tool-streaming",
            "inline-tools",
            "interleaved-thinking",
            "mcp-client",
            "message-batches",
            "message-threads",
            "mid-conversation-output-config",
            "mid-conversation-system-clear-at",
            "mid-conversation-tool-changes",
            "model-context-window-exceeded",
            "oauth",
            "output-128k",
            "output-300k",
            "pdfs",
            "prompt-caching",
            "server-side-fallback",
            "skills",
            "structured-outputs",
            "task-budgets",
            "thinking-binding-controls",
            "thinking-display-updates",
            "thinking-token-count",
            "token-counting",
            "token-efficient-tools",
            "user-profiles",
            "web-fetch");

    /** Reads the values of the two headers. */
    public static ClaudeHeaders of(@Nullable String version, List<String> betas) {
        Set<String> names = betas.stream()
                .flatMap(line -> Arrays.stream(line.split(",")))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return new ClaudeHeaders(version == null ? "" : version, names);
    }

    public boolean latest() {
        return LATEST.equals(version);
    }

    /** Whether a beta of that name was asked for, whatever its date. */
    public boolean beta(String name) {
        return betas.stream().anyMatch(beta -> beta.startsWith(name + "-20"));
    }

    /** What is wrong with the headers, or null. */
    public @Nullable ApiError breach() {
        if (version.isEmpty()) {
            return ApiError.invalid("anthropic-version: header is required");
        }
        if (!VERSIONS.contains(version)) {
            return ApiError.invalid("anthropic-version: \"" + version + "\" is not a valid version");
        }
        for (String beta : betas) {
            String name = beta.replaceFirst("-20\\d\\d-\\d\\d-\\d\\d$|-20\\d{6}$", "");
            if (name.equals(beta) || !BETAS.contains(name)) {
                return ApiError.invalid("Unexpected value(s) `" + beta + "` for the `anthropic-beta` header. Please"
                        + " consult our documentation or try again without the header.");
            }
        }
        return null;
    }
}
