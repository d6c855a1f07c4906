package dev.kimi.test.contract;

import dev.kimi.test.KimiSimulator;
import dev.kimi.transport.Transport;

/**
 * What every {@link Transport} must do. A subclass says how to make one; the tests run it against a
 * {@link KimiSimulator}, and those of streamed bodies and trailers against a plain server. Each ends with the check
 * that nothing was left behind.
 *
 * <p>The transport is expected to understand the settings {@code max-connections} and {@code max-pending}.
 */
public abstract class TransportContract extends UploadContract {}
