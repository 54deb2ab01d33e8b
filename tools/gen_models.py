#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Seeded random-weight, real-shape benchmark networks as ONNX (float32, static shapes, BN folded).
Needs only numpy + python3-onnx (>= 1.12).   gen_models.py --out DIR [--only a,b] [--batch N] [--seed S] [--no-ln-op] [--list]
Writes DIR/NAME.onnx and DIR/index.json (params, MACs, inputs, op histogram)."""
import argparse, json, os, zlib, collections
from needs import need

need("numpy", "onnx")
import numpy as np, onnx
from onnx import helper as H, numpy_helper as NH, TensorProto as T, shape_inference

class B:
    def __init__(s, name, seed, opset=13):
        s.name, s.opset = name, opset
        s.rng = np.random.RandomState((seed * 1000003 + zlib.crc32(name.encode())) & 0x7fffffff)
        s.nodes, s.inits, s.ins, s.outs, s.n, s.sh = [], [], [], [], 0, {}
    def uid(s, p): s.n += 1; return f'{p}_{s.n}'
    def inp(s, name, shape): s.ins.append(H.make_tensor_value_info(name, T.FLOAT, shape)); s.sh[name] = list(shape); return name
    def out(s, name): s.outs.append(name)
    def const(s, a, p='c'): n = s.uid(p); a = np.array(a, order='C'); s.inits.append(NH.from_array(a, n)); s.sh[n] = list(a.shape); return n
    def w(s, shape, fan_in, gain=2.0, p='w'): return s.const((s.rng.randn(*shape) * np.sqrt(gain / fan_in)).astype(np.float32), p)
    def bias(s, n): return s.const((s.rng.randn(n) * 0.05).astype(np.float32), 'b')
    def op(s, t, ins, shape=None, out=None, **a):
        o = out or s.uid(t.lower()); s.nodes.append(H.make_node(t, ins, [o], name=o, **a)); s.sh[o] = shape; return o
    # --- CNN pieces (NCHW)
    def conv(s, x, co, k, st=1, pad=None, groups=1, act='relu', gain=2.0):
        kh, kw = (k, k) if isinstance(k, int) else k
        n, ci, h, w_ = s.sh[x]
        if pad is None: pad = [kh // 2, kw // 2, kh // 2, kw // 2]
        if pad == 'same':   # TensorFlow SAME
            oh, ow = -(-h // st), -(-w_ // st)
            ph, pw = max(0, (oh - 1) * st + kh - h), max(0, (ow - 1) * st + kw - w_)
            pad = [ph // 2, pw // 2, ph - ph // 2, pw - pw // 2]
        oh, ow = (h + pad[0] + pad[2] - kh) // st + 1, (w_ + pad[1] + pad[3] - kw) // st + 1
        o = s.op('Conv', [x, s.w((co, ci // groups, kh, kw), ci // groups * kh * kw, gain), s.bias(co)], [n, co, oh, ow],
                 kernel_shape=[kh, kw], strides=[st, st], pads=pad, group=groups, dilations=[1, 1])
        return s.act(o, act)
    def act(s, x, a):
        if a == 'relu': return s.op('Relu', [x], s.sh[x])
        if a == 'relu6':
            if not hasattr(s, '_c6'): s._c6 = (s.const(np.float32(0).reshape(()), 'lo'), s.const(np.float32(6).reshape(()), 'hi'))
            return s.op('Clip', [x, *s._c6], s.sh[x])
        return x
    def dw(s, x, k=3, st=1, act='relu', pad=None): c = s.sh[x][1]; return s.conv(x, c, k, st, pad, groups=c, act=act)
    def maxpool(s, x, k, st, pad=0):
        n, c, h, w_ = s.sh[x]
        return s.op('MaxPool', [x], [n, c, (h + 2 * pad - k) // st + 1, (w_ + 2 * pad - k) // st + 1], kernel_shape=[k, k], strides=[st, st], pads=[pad] * 4)
    def gap_fc(s, x, classes, out='logits'):
        n, c = s.sh[x][:2]
        x = s.op('GlobalAveragePool', [x], [n, c, 1, 1]); x = s.op('Flatten', [x], [n, c], axis=1)
        return s.fc(x, classes, None, out=out)
    def fc(s, x, co, act='relu', out=None, gain=2.0):
        n, ci = s.sh[x]
        y = s.op('Gemm', [x, s.w((co, ci), ci, gain if act else 1.0), s.bias(co)], [n, co], out=out if not act else None, transB=1)
        return s.act(y, act)
    def add(s, a, b, act=None): return s.act(s.op('Add', [a, b], s.sh[a]), act)
    # --- transformer pieces ([B,S,D])
    def lin(s, x, co, gain=1.0):
        sh = s.sh[x]; y = s.op('MatMul', [x, s.w((sh[-1], co), sh[-1], gain)], sh[:-1] + [co])
        return s.op('Add', [y, s.bias(co)], s.sh[y])
    def ln(s, x):
        d = s.sh[x][-1]; g = s.const((1 + 0.1 * s.rng.randn(d)).astype(np.float32), 'g'); b = s.bias(d)
        if s.opset >= 17: return s.op('LayerNormalization', [x, g, b], s.sh[x], axis=-1, epsilon=1e-5)
        m = s.op('ReduceMean', [x], s.sh[x][:-1] + [1], axes=[-1], keepdims=1); c = s.op('Sub', [x, m], s.sh[x])
        v = s.op('ReduceMean', [s.op('Mul', [c, c], s.sh[x])], s.sh[x][:-1] + [1], axes=[-1], keepdims=1)
        r = s.op('Sqrt', [s.op('Add', [v, s.const(np.float32(1e-5).reshape(()))], s.sh[v])], s.sh[v])
        return s.op('Add', [s.op('Mul', [s.op('Div', [c, r], s.sh[x]), g], s.sh[x]), b], s.sh[x])
    def gelu(s, x, tanh=False):
        f = lambda v: s.const(np.float32(v).reshape(())); S = s.sh[x]
        if not tanh:
            e = s.op('Erf', [s.op('Div', [x, f(np.sqrt(2))], S)], S)
            return s.op('Mul', [s.op('Mul', [x, s.op('Add', [e, f(1)], S)], S), f(.5)], S)
        c = s.op('Mul', [s.op('Mul', [x, x], S), x], S)
        t = s.op('Tanh', [s.op('Mul', [s.op('Add', [x, s.op('Mul', [c, f(.044715)], S)], S), f(np.sqrt(2 / np.pi))], S)], S)
        return s.op('Mul', [s.op('Mul', [x, f(.5)], S), s.op('Add', [t, f(1)], S)], S)
    def heads(s, x, h, perm=(0, 2, 1, 3)):
        b, q, d = s.sh[x]; r = s.op('Reshape', [x, s.const(np.array([b, q, h, d // h], np.int64), 'shape')], [b, q, h, d // h])
        return s.op('Transpose', [r], [[b, q, h, d // h][i] for i in perm], perm=list(perm))
    def attn_core(s, q, kT, v, mask=None):   # q [B,h,S,e], kT [B,h,e,T], v [B,h,T,e]
        b, h, S, e = s.sh[q]; t = s.sh[kT][-1]
        a = s.op('MatMul', [q, kT], [b, h, S, t]); a = s.op('Mul', [a, s.const(np.float32(1 / np.sqrt(e)).reshape(()))], s.sh[a])
        if mask: a = s.op('Add', [a, mask], s.sh[a])
        a = s.op('Softmax', [a], s.sh[a], axis=-1); y = s.op('MatMul', [a, v], [b, h, S, e])
        y = s.op('Transpose', [y], [b, S, h, e], perm=[0, 2, 1, 3])
        return s.op('Reshape', [y, s.const(np.array([b, S, h * e], np.int64), 'shape')], [b, S, h * e])
    def ident(s, x, out): return s.op('Identity', [x], s.sh[x], out=out)
    def model(s):
        g = H.make_graph(s.nodes, s.name, s.ins, [H.make_tensor_value_info(o, T.FLOAT, s.sh[o]) for o in s.outs], s.inits)
        m = H.make_model(g, opset_imports=[H.make_opsetid('', s.opset)], producer_name='gen_models', ir_version=7 if s.opset < 15 else 8)
        onnx.checker.check_model(m, full_check=False)
        m = shape_inference.infer_shapes(m, check_type=True, strict_mode=True, data_prop=True)
        inferred = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in list(m.graph.value_info) + list(m.graph.output)}
        for nd in m.graph.node:
            for o in nd.output: assert inferred.get(o) == s.sh[o] and 0 not in inferred[o], (nd.op_type, o, inferred.get(o), s.sh[o])
        return m

def resnet(b, n, blocks, bottleneck):
    x = b.inp('input', [n, 3, 224, 224]); x = b.maxpool(b.conv(x, 64, 7, 2), 3, 2, 1)
    for i, (cnt, c) in enumerate(zip(blocks, (64, 128, 256, 512))):
        for j in range(cnt):
            st = 2 if i and j == 0 else 1; idn = x; co = c * 4 if bottleneck else c
            if bottleneck: y = b.conv(b.conv(b.conv(x, c, 1), c, 3, st), co, 1, act=None, gain=.5)   # v1.5: stride on the 3x3
            else: y = b.conv(b.conv(x, c, 3, st), c, 3, act=None, gain=.5)
            if st != 1 or b.sh[x][1] != co: idn = b.conv(x, co, 1, st, pad=[0] * 4, act=None, gain=1.)
            x = b.add(y, idn, 'relu')
    b.out(b.gap_fc(x, 1000))
def mobilenet_v1(b, n, alpha=1.0, res=224, classes=1000):
    c = lambda v: int(v * alpha); x = b.inp('input', [n, 3, res, res]); x = b.conv(x, c(32), 3, 2, 'same', act='relu6')
    for co, st in ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)) + ((512, 1),) * 5 + ((1024, 2), (1024, 1)):
        x = b.conv(b.dw(x, 3, st, 'relu6', 'same'), c(co), 1, act='relu6')
    b.out(b.gap_fc(x, classes))
def mobilenet_v2(b, n):
    x = b.inp('input', [n, 3, 224, 224]); x = b.conv(x, 32, 3, 2, act='relu6')
    for t, c, cnt, st in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)):
        for j in range(cnt):
            ci = b.sh[x][1]; y = b.conv(x, ci * t, 1, act='relu6') if t > 1 else x
            y = b.conv(b.dw(y, 3, st if j == 0 else 1, 'relu6'), c, 1, act=None, gain=.7)
            x = b.add(x, y) if (j or st == 1) and ci == c else y
    b.out(b.gap_fc(b.conv(x, 1280, 1, act='relu6'), 1000))
def vgg16(b, n):
    x = b.inp('input', [n, 3, 224, 224])
    for c, k in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(k): x = b.conv(x, c, 3)
        x = b.maxpool(x, 2, 2)
    x = b.op('Flatten', [x], [n, 25088], axis=1); b.out(b.fc(b.fc(b.fc(x, 4096), 4096), 1000, None, 'logits'))
def resnet8(b, n):
    x = b.inp('input', [n, 3, 32, 32]); x = b.conv(x, 16, 3)
    for c, st in ((16, 1), (32, 2), (64, 2)):
        y = b.conv(b.conv(x, c, 3, st, 'same'), c, 3, act=None, gain=.5)
        x = b.add(y, b.conv(x, c, 1, st, [0] * 4, act=None, gain=1.) if st > 1 else x, 'relu')
    b.out(b.gap_fc(x, 10))
def ds_cnn(b, n):
    x = b.inp('input', [n, 1, 49, 10]); x = b.conv(x, 64, (10, 4), 2, 'same')
    for _ in range(4): x = b.conv(b.dw(x, 3, 1, 'relu', 'same'), 64, 1)
    b.out(b.gap_fc(x, 12))
def autoencoder(b, n):
    x = b.inp('input', [n, 640])
    for c in (128,) * 4 + (8,) + (128,) * 4: x = b.fc(x, c)
    b.out(b.fc(x, 640, None, 'output'))
def tpu_mlp0(b, n):     # TPUv1 paper: 5 FC layers, 20M weights, batch 200; layer widths are not published -> 5 x 2000x2000
    x = b.inp('input', [n, 2000])
    for i in range(4): x = b.fc(x, 2000)
    b.out(b.fc(x, 2000, None, 'output'))
def bert_layer(b, n, S=128, D=768, h=12, F=3072):
    x = b.inp('hidden', [n, S, D]); m = b.inp('mask', [n, 1, 1, S])      # additive mask (0 / -10000)
    q, k, v = b.heads(b.lin(x, D), h), b.heads(b.lin(x, D), h, (0, 2, 3, 1)), b.heads(b.lin(x, D), h)
    x = b.ln(b.add(b.lin(b.attn_core(q, k, v, m), D), x)); y = b.lin(b.gelu(b.lin(x, F)), D)
    b.out(b.ident(b.ln(b.add(y, x)), 'output'))
def gpt2_layer(b, n, S, past, D=768, h=12):
    e = D // h; x = b.inp('hidden', [n, S, D])
    if past: pk, pv = b.inp('past_k', [n, h, past, e]), b.inp('past_v', [n, h, past, e])
    qkv = b.lin(b.ln(x), 3 * D); ax = b.const(np.array([D, D, D], np.int64), 'split'); o = [b.uid('split') for _ in range(3)]
    b.nodes.append(H.make_node('Split', [qkv, ax], o, name=o[0], axis=2))
    for i in o: b.sh[i] = [n, S, D]
    q, k, v = b.heads(o[0], h), b.heads(o[1], h), b.heads(o[2], h); t = past + S
    if past: k, v = b.op('Concat', [pk, k], [n, h, t, e], axis=2, out='present_k'), b.op('Concat', [pv, v], [n, h, t, e], axis=2, out='present_v')
    else: k, v = b.ident(k, 'present_k'), b.ident(v, 'present_v')
    kT = b.op('Transpose', [k], [n, h, e, t], perm=[0, 1, 3, 2]); mask = None
    if S > 1: mask = b.const(np.triu(np.full((S, t), -1e4, np.float32), 1 + past)[None, None], 'causal')
    x = b.add(b.lin(b.attn_core(q, kT, v, mask), D, .5), x); y = b.lin(b.gelu(b.lin(b.ln(x), 4 * D), True), D, .5)
    b.out(b.op('Add', [y, x], b.sh[x], out='output')); b.out('present_k'); b.out('present_v')
# name: (fn, default batch, transformer?, published params, published MACs per sample or None, note)
M = collections.OrderedDict(
    resnet18=(lambda b, n: resnet(b, n, (2, 2, 2, 2), False), 1, 0, 11.69e6, 1.814e9, 'torchvision resnet18'),
    resnet50=(lambda b, n: resnet(b, n, (3, 4, 6, 3), True), 1, 0, 25.56e6, 4.089e9, 'torchvision resnet50 (v1.5)'),
    mobilenet_v1=(mobilenet_v1, 1, 0, 4.2e6, 569e6, 'arXiv:1704.04861 table 8'),
    mobilenet_v2=(mobilenet_v2, 1, 0, 3.50e6, 300e6, 'arXiv:1801.04381 (3.4M) / torchvision 3.50M'),
    vgg16=(vgg16, 1, 0, 138.36e6, 15.47e9, 'torchvision vgg16'),
    bert_base_layer_s128=(bert_layer, 1, 1, 7087872, None, '12 such layers = 85.05M of BERT-base 110M'),
    gpt2_small_layer_prefill128=(lambda b, n: gpt2_layer(b, n, 128, 0), 1, 1, 7.09e6, None, 'GPT-2 small block'),
    gpt2_small_layer_decode1_past128=(lambda b, n: gpt2_layer(b, n, 1, 128), 1, 1, 7.09e6, None, 'GPT-2 small block, KV cache 128'),
    tpuv1_mlp0=(tpu_mlp0, 200, 0, 20e6, 20e6, 'Jouppi et al. ISCA 2017 table 1 (5 FC, 20M weights, batch 200)'),
    mlperf_tiny_ds_cnn=(ds_cnn, 1, 0, 22604, 2.66e6, 'MLPerf Tiny KWS: 24,908 Keras params incl. 2,304 BN'),
    mlperf_tiny_mobilenet_v1_025_96=(lambda b, n: mobilenet_v1(b, n, .25, 96, 2), 1, 0, 210850, 7.49e6, 'MLPerf Tiny VWW: 221,794 Keras params incl. 10,944 BN'),
    mlperf_tiny_resnet8=(resnet8, 1, 0, 77706, 12.50e6, 'MLPerf Tiny IC: 78,666 Keras params incl. 960 BN'),
    mlperf_tiny_autoencoder=(autoencoder, 1, 0, 265864, 264192, 'MLPerf Tiny AD: 269,992 Keras params incl. 4,128 BN'))
def count(m):
    sh = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in list(m.graph.value_info) + list(m.graph.input) + list(m.graph.output)}
    sh.update({i.name: list(i.dims) for i in m.graph.initializer}); macs = 0
    for n in m.graph.node:
        o = int(np.prod(sh[n.output[0]]))
        if n.op_type == 'Conv': macs += o * int(np.prod(sh[n.input[1]][1:]))
        elif n.op_type in ('MatMul', 'Gemm'): macs += o * sh[n.input[0]][-1]
    skip = {i for n in m.graph.node if n.op_type in ('Reshape', 'Split') for i in n.input[1:]} | {i.name for i in m.graph.initializer if i.name.startswith('causal')}
    return macs, sum(int(np.prod(i.dims)) for i in m.graph.initializer if i.name not in skip and len(i.dims))
if __name__ == '__main__':
    ap = argparse.ArgumentParser(); ap.add_argument('--out', default='gen'); ap.add_argument('--only'); ap.add_argument('--batch', type=int); ap.add_argument('--seed', type=int, default=1)
    ap.add_argument('--no-ln-op', action='store_true', help='opset 13, LayerNormalization decomposed'); ap.add_argument('--list', action='store_true'); a = ap.parse_args()
    if a.list: print('\n'.join(M)); raise SystemExit
    os.makedirs(a.out, exist_ok=True); idx = {}
    for name in (a.only.split(',') if a.only else M):
        fn, bs, tr, pp, pm, note = M[name]; n = a.batch or bs
        b = B(name, a.seed, 17 if tr and not a.no_ln_op else 13); fn(b, n); m = b.model(); p = f'{a.out}/{name}.onnx'; onnx.save(m, p)
        onnx.checker.check_model(m, full_check=True); macs, params = count(m)
        idx[name] = dict(file=name + '.onnx', bytes=os.path.getsize(p), opset=b.opset, batch=n, inputs={v.name: b.sh[v.name] for v in b.ins}, outputs={o: b.sh[o] for o in b.outs},
                         params=params, macs=macs, macs_per_sample=macs // n, published_params=pp, published_macs_per_sample=pm, note=note, ops=dict(collections.Counter(x.op_type for x in b.nodes)))
        print(f"{name:34s} params {params:>11,d} (pub {pp})  MACs/sample {macs // n:>14,d} (pub {pm})  {os.path.getsize(p) / 1e6:.1f} MB", flush=True)
    json.dump(idx, open(a.out + '/index.json', 'w'), indent=1)
