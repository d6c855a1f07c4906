/** Virtual keys: who may call, with which models, how often and for how much money. */
@NullMarked
package dev.kimi.gateway.key;

import org.jspecify.annotations.NullMarked;
