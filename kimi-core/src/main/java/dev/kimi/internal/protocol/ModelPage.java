package dev.kimi.internal.protocol;

import dev.kimi.service.ModelCard;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one response says of the models on offer.
 *
 * @param models those of this page
 * @param next where the next page begins, or null after the last
 */
public record ModelPage(List<ModelCard> models, @Nullable String next) {}
