"""Well-known networks, drawn: each as text, with networks inside networks where a person would use them."""

from __future__ import annotations

RESNET_18 = """
    image = Input(shape=[3, 224, 224])
    label = Target()
    conv1 = Conv2d(out_channels=64, kernel_size=7, stride=2, padding=3, bias=False)
    bn1 = BatchNorm2d()
    relu = ReLU()
    maxpool = MaxPool2d(kernel_size=3, stride=2, padding=1)
    layer1 = basic(repeat=2)
    layer2 = narrowing(channels=128)
    layer2b = basic(channels=128)
    layer3 = narrowing(channels=256)
    layer3b = basic(channels=256)
    layer4 = narrowing(channels=512)
    layer4b = basic(channels=512)
    pool = AdaptiveAvgPool2d()
    flatten = Flatten()
    fc = Linear(out_features=1000)
    scores = Output()
    loss = CrossEntropyLoss()
    image -> conv1 -> bn1 -> relu -> maxpool -> layer1 -> layer2 -> layer2b -> layer3 -> layer3b -> layer4 -> layer4b
    layer4b -> pool -> flatten -> fc -> scores
    fc -> loss
    label -> loss.target
    network basic(channels=64)
    x = Input(shape=[64, 56, 56])
    conv1 = Conv2d(out_channels="=channels", padding=1, bias=False)
    bn1 = BatchNorm2d()
    relu1 = ReLU()
    conv2 = Conv2d(out_channels="=channels", padding=1, bias=False)
    bn2 = BatchNorm2d()
    add = Add()
    relu2 = ReLU()
    y = Output()
    x -> conv1 -> bn1 -> relu1 -> conv2 -> bn2 -> add -> relu2 -> y
    x -> add
    network narrowing(channels=128)
    x = Input(shape=[64, 56, 56])
    conv1 = Conv2d(out_channels="=channels", stride=2, padding=1, bias=False)
    bn1 = BatchNorm2d()
    relu1 = ReLU()
    conv2 = Conv2d(out_channels="=channels", padding=1, bias=False)
    bn2 = BatchNorm2d()
    down = Conv2d(out_channels="=channels", kernel_size=1, stride=2, bias=False)
    down_bn = BatchNorm2d()
    add = Add()
    relu2 = ReLU()
    y = Output()
    x -> conv1 -> bn1 -> relu1 -> conv2 -> bn2 -> add -> relu2 -> y
    x -> down -> down_bn -> add
"""

RESNET_50 = """
    image = Input(shape=[3, 224, 224])
    label = Target()
    conv1 = Conv2d(out_channels=64, kernel_size=7, stride=2, padding=3, bias=False)
    bn1 = BatchNorm2d()
    relu = ReLU()
    maxpool = MaxPool2d(kernel_size=3, stride=2, padding=1)
    layer1 = first(width=64)
    layer1b = bottleneck(width=64, repeat=2)
    layer2 = first(width=128, stride=2)
    layer2b = bottleneck(width=128, repeat=3)
    layer3 = first(width=256, stride=2)
    layer3b = bottleneck(width=256, repeat=5)
    layer4 = first(width=512, stride=2)
    layer4b = bottleneck(width=512, repeat=2)
    pool = AdaptiveAvgPool2d()
    flatten = Flatten()
    fc = Linear(out_features=1000)
    scores = Output()
    loss = CrossEntropyLoss()
    image -> conv1 -> bn1 -> relu -> maxpool
    maxpool -> layer1 -> layer1b -> layer2 -> layer2b -> layer3 -> layer3b -> layer4 -> layer4b
    layer4b -> pool -> flatten -> fc -> scores
    fc -> loss
    label -> loss.target
    network bottleneck(width=64)
    x = Input(shape=[256, 56, 56])
    conv1 = Conv2d(out_channels="=width", kernel_size=1, bias=False)
    bn1 = BatchNorm2d()
    relu1 = ReLU()
    conv2 = Conv2d(out_channels="=width", padding=1, bias=False)
    bn2 = BatchNorm2d()
    relu2 = ReLU()
    conv3 = Conv2d(out_channels="=width*4", kernel_size=1, bias=False)
    bn3 = BatchNorm2d()
    add = Add()
    relu3 = ReLU()
    y = Output()
    x -> conv1 -> bn1 -> relu1 -> conv2 -> bn2 -> relu2 -> conv3 -> bn3 -> add -> relu3 -> y
    x -> add
    network first(width=64, stride=1)
    x = Input(shape=[64, 56, 56])
    conv1 = Conv2d(out_channels="=width", kernel_size=1, bias=False)
    bn1 = BatchNorm2d()
    relu1 = ReLU()
    conv2 = Conv2d(out_channels="=width", stride="=stride", padding=1, bias=False)
    bn2 = BatchNorm2d()
    relu2 = ReLU()
    conv3 = Conv2d(out_channels="=width*4", kernel_size=1, bias=False)
    bn3 = BatchNorm2d()
    down = Conv2d(out_channels="=width*4", kernel_size=1, stride="=stride", bias=False)
    down_bn = BatchNorm2d()
    add = Add()
    relu3 = ReLU()
    y = Output()
    x -> conv1 -> bn1 -> relu1 -> conv2 -> bn2 -> relu2 -> conv3 -> bn3 -> add -> relu3 -> y
    x -> down -> down_bn -> add
"""

TRANSFORMER = """
    d_model = 512
    source = Input(shape=[32], dtype="int64")
    so_far = Input(shape=[24], dtype="int64")
    next_word = Target(shape=[24])
    words = Embedding(num_embeddings=8000, embedding_dim="=d_model")
    words_out = Embedding(num_embeddings=8000, embedding_dim="=d_model", shares="words")
    where = SinusoidalPositionalEncoding()
    where_out = SinusoidalPositionalEncoding()
    encoder = encoder_block(repeat=6)
    decoder1 = decoder_block()
    decoder2 = decoder_block()
    scores = Linear(out_features=8000)
    classes_first = Transpose()
    answer = Output()
    loss = CrossEntropyLoss()
    source -> words -> where -> encoder
    so_far -> words_out -> where_out -> decoder1.x
    encoder -> decoder1.memory
    decoder1 -> decoder2.x
    encoder -> decoder2.memory
    decoder2 -> scores -> answer
    scores -> classes_first -> loss
    next_word -> loss.target
    network encoder_block(heads=8)
    x = Input(shape=[32, 512])
    attention = MultiheadAttention(num_heads="=heads")
    add1 = Add()
    norm1 = LayerNorm()
    wide = Linear(out_features="=d_model*4")
    relu = ReLU()
    narrow = Linear(out_features="=d_model")
    add2 = Add()
    norm2 = LayerNorm()
    y = Output()
    x -> attention.query
    x -> attention.key
    x -> attention.value
    x -> add1
    attention -> add1 -> norm1 -> wide -> relu -> narrow -> add2 -> norm2 -> y
    norm1 -> add2
    network decoder_block(heads=8)
    x = Input(shape=[24, 512])
    memory = Input(shape=[32, 512])
    own = MultiheadAttention(num_heads="=heads", causal=True)
    add1 = Add()
    norm1 = LayerNorm()
    across = MultiheadAttention(num_heads="=heads")
    add2 = Add()
    norm2 = LayerNorm()
    wide = Linear(out_features="=d_model*4")
    relu = ReLU()
    narrow = Linear(out_features="=d_model")
    add3 = Add()
    norm3 = LayerNorm()
    y = Output()
    x -> own.query
    x -> own.key
    x -> own.value
    x -> add1
    own -> add1 -> norm1 -> across.query
    memory -> across.key
    memory -> across.value
    norm1 -> add2
    across -> add2 -> norm2 -> wide -> relu -> narrow -> add3 -> norm3 -> y
    norm2 -> add3
"""

U_NET = """
    width = 64
    image = Input(shape=[1, 572, 572])
    enc1 = convs(channels="=width")
    pool1 = MaxPool2d()
    enc2 = convs(channels="=width*2")
    pool2 = MaxPool2d()
    enc3 = convs(channels="=width*4")
    pool3 = MaxPool2d()
    enc4 = convs(channels="=width*8")
    pool4 = MaxPool2d()
    bottom = convs(channels="=width*16")
    up4 = up(channels="=width*8", margin=4)
    up3 = up(channels="=width*4", margin=16)
    up2 = up(channels="=width*2", margin=40)
    up1 = up(channels="=width", margin=88)
    head = Conv2d(out_channels=2, kernel_size=1)
    map = Output()
    image -> enc1 -> pool1 -> enc2 -> pool2 -> enc3 -> pool3 -> enc4 -> pool4 -> bottom
    bottom -> up4.below
    enc4 -> up4.skip
    up4 -> up3.below
    enc3 -> up3.skip
    up3 -> up2.below
    enc2 -> up2.skip
    up2 -> up1.below
    enc1 -> up1.skip
    up1 -> head -> map
    network convs(channels=64)
    x = Input(shape=[1, 64, 64])
    conv1 = Conv2d(out_channels="=channels")
    relu1 = ReLU()
    conv2 = Conv2d(out_channels="=channels")
    relu2 = ReLU()
    y = Output()
    x -> conv1 -> relu1 -> conv2 -> relu2 -> y
    network up(channels=64, margin=4)
    below = Input(shape=[128, 28, 28])
    skip = Input(shape=[64, 64, 64])
    grow = ConvTranspose2d(out_channels="=channels")
    rows = Slice(dim=2, start="=margin", end="=-margin")
    cut = Slice(dim=3, start="=margin", end="=-margin")
    join = Concat()
    both = convs(channels="=channels")
    y = Output()
    below -> grow
    skip -> rows -> cut -> join
    grow -> join -> both -> y
"""

BERT = """
    d_model = 768
    tokens = Input(shape=[128], dtype="int64")
    segments = Input(shape=[128], dtype="int64")
    token = Embedding(num_embeddings=30522, embedding_dim="=d_model", padding_idx=0)
    position = Parameter(shape=[512, "=d_model"])
    first = Slice(dim=1, end=128)
    segment = Embedding(num_embeddings=2, embedding_dim="=d_model")
    add = Add()
    norm = LayerNorm(eps=1e-12)
    encoder = encoder_block(repeat=12)
    cls = Select(dim=1, index=0)
    pooler = Linear(out_features="=d_model")
    tanh = Tanh()
    pooled = Output()
    tokens -> token -> add
    tokens -> position.like
    position -> first -> add
    segments -> segment -> add
    add -> norm -> encoder -> cls -> pooler -> tanh -> pooled
    network encoder_block(heads=12, d_ff="=d_model*4")
    x = Input(shape=[128, 768])
    attention = MultiheadAttention(num_heads="=heads")
    add1 = Add()
    norm1 = LayerNorm(eps=1e-12)
    wide = Linear(out_features="=d_ff")
    gelu = GELU()
    narrow = Linear(out_features="=d_model")
    add2 = Add()
    norm2 = LayerNorm(eps=1e-12)
    y = Output()
    x -> attention.query
    x -> attention.key
    x -> attention.value
    x -> add1
    attention -> add1 -> norm1 -> wide -> gelu -> narrow -> add2 -> norm2 -> y
    norm1 -> add2
"""

SEQ2SEQ = """
    d_model = 256
    question = Input(shape=[20], dtype="int64")
    so_far = Input(shape=[15], dtype="int64")
    next_word = Target(shape=[15])
    words = Embedding(num_embeddings=5000, embedding_dim=128)
    words_out = Embedding(num_embeddings=5000, embedding_dim=128, shares="words")
    reader = GRU(hidden_size="=d_model")
    writer = GRU(hidden_size="=d_model")
    look = attend()
    join = Concat(dim=2)
    mix = Linear(out_features="=d_model")
    tanh = Tanh()
    scores = Linear(out_features=5000)
    classes_first = Transpose()
    answer = Output()
    loss = CrossEntropyLoss()
    question -> words -> reader
    so_far -> words_out -> writer
    reader.hidden -> writer.initial_hidden
    writer -> look.asks
    reader -> look.memory
    writer -> join
    look -> join -> mix -> tanh -> scores -> answer
    scores -> classes_first -> loss
    next_word -> loss.target
    network attend()
    asks = Input(shape=[15, 256])
    memory = Input(shape=[20, 256])
    turned = Transpose()
    likeness = MatMul()
    weights = Softmax()
    sum = MatMul()
    found = Output()
    memory -> turned -> likeness.other
    asks -> likeness -> weights -> sum
    memory -> sum.other
    sum -> found
"""

INCEPTION = """
    image = Input(shape=[192, 28, 28])
    inception3a = inception(one=64, three_in=96, three=128, five_in=16, five=32, pool=32)
    maps = Output()
    image -> inception3a -> maps
    network inception(one=64, three_in=96, three=128, five_in=16, five=32, pool=32)
    x = Input(shape=[192, 28, 28])
    conv1 = Conv2d(out_channels="=one", kernel_size=1)
    reduce3 = Conv2d(out_channels="=three_in", kernel_size=1)
    relu3 = ReLU()
    conv3 = Conv2d(out_channels="=three", padding=1)
    reduce5 = Conv2d(out_channels="=five_in", kernel_size=1)
    relu5 = ReLU()
    conv5 = Conv2d(out_channels="=five", kernel_size=5, padding=2)
    pool_ = MaxPool2d(kernel_size=3, stride=1, padding=1)
    project = Conv2d(out_channels="=pool", kernel_size=1)
    join = Concat()
    relu = ReLU()
    y = Output()
    x -> conv1 -> join
    x -> reduce3 -> relu3 -> conv3 -> join
    x -> reduce5 -> relu5 -> conv5 -> join
    x -> pool_ -> project -> join
    join -> relu -> y
"""

SIAMESE = """
    left = Input(shape=[1, 28, 28])
    right = Input(shape=[1, 28, 28])
    same = Target(shape=[], dtype="float32")
    one = tower()
    other = tower(shares="one")
    distance = PairwiseDistance()
    apart = Output()
    loss = MSELoss()
    left -> one -> distance.x1
    right -> other -> distance.x2
    distance -> apart
    distance -> loss
    same -> loss.target
    network tower(features=32)
    x = Input(shape=[1, 28, 28])
    conv = Conv2d(out_channels=8)
    relu = ReLU()
    pool = MaxPool2d()
    flatten = Flatten()
    dense = Linear(out_features="=features")
    y = Output()
    x -> conv -> relu -> pool -> flatten -> dense -> y
"""
