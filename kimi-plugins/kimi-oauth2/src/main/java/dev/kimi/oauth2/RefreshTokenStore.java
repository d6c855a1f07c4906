package dev.kimi.oauth2;

import dev.kimi.time.Timer;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * SPI: where a refresh token is kept that the authorization server replaces each time it is used. Whoever spends one
 * twice may lose the login, so a store lets one exchange run at a time, over all processes that share it.
 * Implementations are thread-safe and never block the caller.
 */
@FunctionalInterface
public interface RefreshTokenStore {

    /**
     * Gives the stored token to the exchange when nobody else uses it, and stores what the exchange results in before
     * anybody else may use it.
     *
     * @param exchange called once with the stored token, or null when there is none; its result is stored unless it is
     *     the same object. When it fails or throws, what was stored stays
     * @return completes when the result is stored so that it survives the end of the process; fails with the failure of
     *     the exchange, or with one of {@code dev.kimi.error} when the store cannot be read or written
     */
    CompletionStage<Void> rotate(Function<@Nullable RefreshToken, CompletionStage<RefreshToken>> exchange);

    /**
     * Keeps the token in a file that only its owner may read, alone in it, with a file {@code .lock} beside it. The
     * file is replaced as a whole and written through to the disk. Processes of one machine may share it.
     *
     * @param file need not exist yet; its folder must
     * @param timer waits for other processes; the caller closes it
     */
    static RefreshTokenStore file(Path file, Timer timer) {
        return new FileRefreshTokens(file, timer);
    }
}
