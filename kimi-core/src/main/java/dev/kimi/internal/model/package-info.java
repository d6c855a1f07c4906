/** What is known of models: the cards that the library brings, those of settings, and what services list. */
@NullMarked
package dev.kimi.internal.model;

import org.jspecify.annotations.NullMarked;
